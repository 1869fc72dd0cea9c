/** `start`, `send` and `result`. */
import { connectSoloServer } from '../host/solo-server/client.js';
import { startSoloServer } from '../host/solo-server/start-solo-server.js';
import { printable } from '../printable.js';
import type { RunIO } from './run.js';
import { inFlags } from './flag-words.js';
import { describeRestart, heldLines, restartTable } from './reports.js';
import { loadRestartOptions } from './restart-args.js';
import { makeRuntimeOptions } from './runtime-options.js';
import { openSlogFile } from './slog-args.js';
import { loadConfig } from './swingset-files.js';
import type { ResultArgs, SendArgs, SoloArgs, StartServerArgs } from './solo-args.js';

const serve = async (
  args: StartServerArgs,
  { print, warn, clock, progress, interruption }: RunIO,
): Promise<void> => {
  const { home, json, epoch, blockComputrons, port, blockInterval } = args;
  const restart = loadRestartOptions(args);
  const slog = openSlogFile(args.slog, warn);
  const server = await startSoloServer({
    home,
    argv: args.argv,
    clock,
    getConfig: () => loadConfig(args, warn),
    port,
    blockInterval,
    ...(blockComputrons !== undefined && { blockComputrons }),
    stopSignal: interruption(),
    onCommitted: slog?.flush,
    runtimeOptions: makeRuntimeOptions(args, restart, slog, progress),
  });
  const { url, isNew, restartReport: report } = server;
  const warnings = [...(report?.warnings ?? []), ...restart.warnings()];
  if (json) {
    print(JSON.stringify({ url, isNew, warnings, report }));
  } else {
    print(`${isNew ? 'made a new swingset' : 'opened the swingset'} in ${home}`);
    print(describeRestart(report, { platformEpoch: epoch, isNew }));
    for (const warning of warnings) print(`warning: ${printable(inFlags(warning))}`);
    if (report && report.vats.length > 0) {
      print(['', restartTable(report), ...heldLines(report.vats), ''].join('\n'));
    }
    print(`listening at ${url}; requests show the token in ${home}/solo-token`);
  }
  await server.ended;
  await slog?.close();
  if (!json) print('stopped; everything is committed');
};

/** An answer of the server about a message. */
interface ResultAnswer {
  readonly status?: unknown;
  readonly value?: unknown;
  readonly tooLong?: number;
}

const describeResult = ({ status, value, tooLong }: ResultAnswer): string => {
  if (tooLong !== undefined) return `${String(status)}; too long to be kept: ${tooLong} characters`;
  if (status === 'fulfilled') return `fulfilled: ${JSON.stringify(value)}`;
  if (status === 'rejected') return `rejected: ${String(value)}`;
  return String(status);
};

const showResult = async (
  { home, json, wait }: Pick<ResultArgs, 'home' | 'json' | 'wait'>,
  kpid: string,
  { print, fail }: RunIO,
): Promise<void> => {
  const query = wait > 0 ? `?wait=${wait}` : '';
  const answer = await connectSoloServer(home).get(
    `/v1/results/${encodeURIComponent(kpid)}${query}`,
  );
  print(json ? JSON.stringify(answer) : printable(`${kpid} ${describeResult(answer)}`));
  if (answer.status === 'rejected') fail();
};

const send = async (args: SendArgs, io: RunIO): Promise<void> => {
  const { home, json, vat, method, wait } = args;
  const answer = await connectSoloServer(home).post('/v1/messages', {
    vat,
    method,
    args: args.args,
  });
  const kpid = String(answer.kpid);
  if (wait > 0) return showResult(args, kpid, io);
  io.print(json ? JSON.stringify(answer) : `${kpid} sent in block ${String(answer.height)}`);
  return undefined;
};

export const runSoloCommand = (args: SoloArgs, io: RunIO): Promise<void> => {
  switch (args.command) {
    case 'start':
      return serve(args, io);
    case 'send':
      return send(args, io);
    case 'result':
      return showResult(args, args.kpid, io);
    default:
      return args satisfies never;
  }
};
