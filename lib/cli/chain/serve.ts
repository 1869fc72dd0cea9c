/**
 * The application's process: a block host that an engine talks to. `chain start` runs it as a
 * child, `chain start --no-engine` in the foreground.
 *
 * Invariant: after an error in the block host, the process answers nothing more and ends. What was
 * not committed is executed again by its successor.
 */
import { makeAbciApplication } from '../../abci/application.js';
import { startAbciServer } from '../../abci/server.js';
import { errorText, SwingsetError } from '../../errors.js';
import { openBlockHost } from '../../host/block-host/open-block-host.js';
import type { BlockHost } from '../../host/block-host/types.js';
import { StoreLockedError } from '../../store/errors.js';
import { restartLine, stateSyncLine } from './app-lines.js';
import type { StartArgs } from './chain-args.js';
import type { ChainPowers } from './chain-powers.js';
import type { NodeMetrics } from './metrics/node-metrics.js';
import { openHome, readGenesis, readNodeConfig } from './home/make-home.js';
import type { AppMessage } from './supervisor/messages.js';
import type { Outcome } from './supervisor/supervise.js';
import { upgradeIn, watchHost } from './watched-host.js';

export interface ServeIO {
  readonly log: (line: string) => void;
  readonly stop: AbortSignal;
  readonly powers: ChainPowers;
}

type Ending = { readonly kind: 'stopped' } | { readonly kind: 'failed'; readonly error: unknown };

/**
 * What another start would meet again: a refusal, and not an accident. A predecessor that was killed
 * or hangs may hold the store's lock for a moment.
 */
const isPermanent = (error: unknown, opening: boolean): boolean =>
  opening && error instanceof SwingsetError && !(error instanceof StoreLockedError);

interface Metrics extends Pick<NodeMetrics, 'slogSender'> {
  readonly close: () => Promise<void>;
}

/** Listens before the host opens, which may take minutes. */
const openMetrics = async (
  { home, metricsPort }: StartArgs,
  { log }: ServeIO,
): Promise<Metrics | undefined> => {
  if (metricsPort === undefined) return undefined;
  // Nodes that serve no metrics load no server.
  const [{ makeNodeMetrics }, { serveMetrics }] = await Promise.all([
    import('./metrics/node-metrics.js'),
    import('./metrics/serve-metrics.js'),
  ]);
  const metrics = makeNodeMetrics(openHome(home).store);
  const server = await serveMetrics(metrics, metricsPort);
  log(`metrics at ${server.url}/metrics`);
  return {
    slogSender: metrics.slogSender,
    close: async () => {
      await server.close();
      await metrics.close();
    },
  };
};

const openApplication = async (
  { home: directory, platformEpoch }: StartArgs,
  { powers, log }: ServeIO,
  metrics: Metrics | undefined,
): Promise<BlockHost> => {
  const home = openHome(directory);
  const { health: _health, stallSeconds: _stallSeconds, ...options } = readNodeConfig(home);
  const say = (line: string | undefined): void => {
    if (line !== undefined) log(line);
  };
  const host = await openBlockHost({
    home: home.home,
    platformEpoch: platformEpoch ?? readGenesis(home).platformEpoch,
    ...options,
    ...(metrics?.slogSender && { slogSender: metrics.slogSender }),
    onRestartProgress: progress => say(restartLine(progress)),
    onStateSync: event => say(stateSyncLine(event)),
    ...powers.hooks?.options(home.home),
  });
  return powers.hooks?.wrap(host, home.home) ?? host;
};

/** Runs the application alone until it is stopped, or fails. */
export const serveNode = async (args: StartArgs, io: ServeIO): Promise<Outcome> => {
  const { log, stop, powers } = io;
  // `local` vats and devices see the zone of this process, and validators have others.
  process.env.TZ = 'UTC';
  const tell = async (message: AppMessage): Promise<void> => powers.parent?.send(message);

  const outcomeOf = async (error: unknown, opening: boolean): Promise<Outcome> => {
    const message = errorText(error);
    if (upgradeIn(error)) {
      await tell({ type: 'upgrade-needed', message });
      return { kind: 'upgrade-needed', message };
    }
    await tell({ type: 'failed', message, permanent: isPermanent(error, opening) });
    return { kind: 'refused', message };
  };

  let host: BlockHost;
  let metrics: Metrics | undefined;
  try {
    metrics = await openMetrics(args, io);
    host = await openApplication(args, io, metrics);
  } catch (error) {
    await metrics?.close();
    return outcomeOf(error, true);
  }
  let end: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>(resolve => {
    end = resolve;
  });
  const stopped = (): void => end({ kind: 'stopped' });
  stop.addEventListener('abort', stopped);
  if (stop.aborted) stopped();
  // Nobody would restart an application whose supervisor is gone, or its engine.
  powers.parent?.onGone(stopped);

  const server = await startAbciServer({
    address: args.listen ?? `unix://${openHome(args.home).socket}`,
    handle: makeAbciApplication({
      host: watchHost(host, {
        onCommitted: height => void tell({ type: 'committed', height }),
        delay: powers.delay,
        now: powers.date,
        log,
      }),
      console: { error: log },
    }),
    onFatal: error => end({ kind: 'failed', error }),
    console: { log, warn: log },
  });
  const { height, platformEpoch } = host.info();
  const state = height === 0 ? 'no blocks yet' : `platform ${platformEpoch}, height ${height}`;
  log(`${state}; listening at ${server.address}`);
  await tell({ type: 'listening' });
  const ending = await ended;
  await server.close();
  await host.close();
  await metrics?.close();
  return ending.kind === 'stopped' ? ending : outcomeOf(ending.error, false);
};
