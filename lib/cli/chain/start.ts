/** `chain start`: the supervisor of a node's two processes. */
import type { StartArgs } from './chain-args.js';
import type { ChainPowers } from './chain-powers.js';
import { openHome, readNodeConfig } from './home/make-home.js';
import { startChild } from './supervisor/child.js';
import { makeEngineFilter, splitLines } from './supervisor/engine-lines.js';
import { findEngine } from './supervisor/find-engine.js';
import { serveHealth } from './supervisor/health-server.js';
import { DEFAULT_STALL_SECONDS, makeHealthWatch } from './supervisor/health.js';
import { openLogFile } from './supervisor/log-file.js';
import { supervise } from './supervisor/supervise.js';
import type { Outcome } from './supervisor/supervise.js';

export interface StartIO {
  /** A line for the operator. */
  readonly log: (line: string) => void;
  /** Aborted when the operator stops the command. */
  readonly stop: AbortSignal;
  readonly powers: ChainPowers;
}

/** Relative to the home, in which both processes run: paths of sockets are limited to 107 bytes. */
const SOCKET = 'unix://data/app.sock';

const GRACE_MS = 15_000;
const TICK_MS = 1000;

/** Runs a node until it is stopped, or can't go on. */
export const startNode = async (
  { home: directory, platformEpoch, engine, listen = SOCKET, metricsPort }: StartArgs,
  { log, stop, powers }: StartIO,
): Promise<Outcome> => {
  const paths = openHome(directory);
  const { home, engineLog } = paths;
  const { health, stallSeconds = DEFAULT_STALL_SECONDS } = readNodeConfig(paths);
  const program = findEngine({ given: engine, path: powers.path });
  const watch = makeHealthWatch(() => powers.date(), stallSeconds);
  const server = health === undefined ? undefined : await serveHealth(health, watch.read);
  const logFile = openLogFile(engineLog);
  const say = (line: string): void => log(`node   | ${line}`);
  const timer = setInterval(() => {
    const line = watch.tick();
    if (line !== undefined) say(line);
  }, TICK_MS);

  const startApp = (onMessage: (message: unknown) => void) => {
    const lines = splitLines(line => log(`app    | ${line}`));
    return startChild({
      command: powers.self.command,
      args: [
        ...powers.self.args,
        ...['chain', 'start', '--no-engine', `--home=${home}`, `--listen=${listen}`],
        ...(platformEpoch === undefined ? [] : [`--platform-epoch=${platformEpoch}`]),
        ...(metricsPort === undefined ? [] : [`--metrics-port=${metricsPort}`]),
      ],
      cwd: home,
      onOutput: lines.write,
      onMessage,
    });
  };

  const startEngine = () => {
    const isWorthShowing = makeEngineFilter();
    const lines = splitLines(line => {
      if (isWorthShowing(line)) log(`engine | ${line}`);
    });
    return startChild({
      command: program,
      args: ['start', '--home', home, '--proxy_app', listen],
      cwd: home,
      onOutput: chunk => {
        logFile.write(chunk);
        lines.write(chunk);
      },
    });
  };

  say(`starting ${home}; the engine is ${program}, its log ${engineLog}`);
  try {
    return await supervise({
      startApp,
      startEngine,
      stop,
      watch,
      log: say,
      now: () => powers.date(),
      graceMs: GRACE_MS,
    });
  } finally {
    clearInterval(timer);
    logFile.close();
    await server?.close();
  }
};
