/**
 * Starts a solo server: one swingset in one directory, which makes blocks by itself and takes its
 * messages over HTTP (`docs/solo-host.md`).
 *
 * Invariants
 * 1. The file that says where the server listens is there only while it does. (A server that is
 *    killed leaves it behind; `server-file.ts` recognizes it.)
 * 2. `ended` settles only when the workers have ended and the store is closed.
 */
import { callUnawaited } from '../../controller/outlets.js';
import type { PlatformRestartReport } from '../../platform-epoch/types.js';
import { joinSlogSenders } from '../../telemetry/slog-tee.js';
import type { SlogSender } from '../../types/slog.js';
import { closeInTurn } from '../close-in-turn.js';
import { openSoloHost, type SoloHost } from '../solo-host.js';
import { BlockFeed } from './block-feed.js';
import { BlockMaker } from './block-maker.js';
import { openCommittedState, type CommittedState } from './committed-state.js';
import type { SoloMetrics } from './metrics.js';
import { checkOptions, type CheckedOptions, type SoloServerOptions } from './options.js';
import { ResultTable } from './results.js';
import { removeServerFile, writeServerFile } from './server-file.js';
import { makeTokenCheck, provideToken } from './token.js';

export interface SoloServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** True if this call made the swingset. */
  readonly isNew: boolean;
  /** What became of the vats, if this boot restarted them. */
  readonly restartReport: PlatformRestartReport | undefined;
  /**
   * Takes no more requests, lets the crank in progress end, commits, and closes everything. Resolves
   * like `ended`. May be called again.
   */
  readonly stop: () => Promise<void>;
  /**
   * Resolves when the server has stopped. Rejects with the error of the kernel, a commit or a
   * callback that ended it; nothing is committed after it.
   */
  readonly ended: Promise<void>;
}

/** Boots. Until that is done, `stopSignal` ends it at once. */
const boot = async (
  { host: options, stopSignal }: CheckedOptions,
  metrics: SoloMetrics,
  beforeCommit: NonNullable<Parameters<typeof openSoloHost>[0]['beforeCommit']>,
): Promise<SoloHost> => {
  stopSignal?.throwIfAborted();
  const bootEnd = new AbortController();
  const end = (): void => bootEnd.abort(stopSignal?.reason);
  stopSignal?.addEventListener('abort', end);
  const { signal: given, slogSender } = options.runtimeOptions ?? {};
  const senders = [slogSender, metrics.slogSender].filter(
    (sender): sender is SlogSender => sender !== undefined,
  );
  const signal = given ? AbortSignal.any([given, bootEnd.signal]) : bootEnd.signal;
  try {
    return await openSoloHost({
      ...options,
      runtimeOptions: {
        ...options.runtimeOptions,
        signal,
        ...(senders.length > 0 && { slogSender: joinSlogSenders(...senders) }),
      },
      beforeCommit,
    });
  } finally {
    stopSignal?.removeEventListener('abort', end);
  }
};

interface Parts {
  readonly options: CheckedOptions;
  readonly host: SoloHost;
  readonly state: CommittedState;
  readonly blocks: BlockMaker;
  readonly feed: BlockFeed;
  readonly metrics: SoloMetrics;
}

/** Listens, and says so in the home. */
const serve = async ({ options, state, blocks, feed, metrics }: Parts) => {
  const { limits, port, host } = options;
  const stopping = new AbortController();
  const isAuthorized = makeTokenCheck(provideToken(host.home));
  // Hosts that serve nothing load no server.
  const [{ makeApp }, { listen }] = await Promise.all([
    import('./http/app.js'),
    import('./http/listen.js'),
  ]);
  const ports = { blocks, feed, state, metrics, limits, stopping: stopping.signal };
  const listening = await listen(await makeApp({ ...ports, isAuthorized }), port);
  try {
    writeServerFile(host.home, listening.url);
  } catch (error) {
    await listening.close();
    throw error;
  }
  return {
    ...listening,
    close: (): Promise<void> =>
      closeInTurn([
        () => removeServerFile(host.home),
        () => stopping.abort(),
        () => listening.close(),
      ]),
  };
};

const assemble = (
  host: SoloHost,
  options: CheckedOptions,
  metrics: SoloMetrics,
): Omit<Parts, 'options'> => {
  const { limits, onBlock, blockInterval, blockComputrons } = options;
  const state = openCommittedState(options.host.home, host.bootstrapResult);
  const feed = new BlockFeed();
  feed.subscribe(block => {
    callUnawaited(
      () => onBlock?.(block),
      error => blocks.fail(error),
    );
  });
  const results = new ResultTable(state.rows, limits);
  const blocks = new BlockMaker(
    { host, state, results },
    { blockInterval, blockComputrons, limits, onBlock: block => feed.announce(block) },
  );
  metrics.observe(state, blocks);
  return { host, state, blocks, feed, metrics };
};

/**
 * Boots the swingset in `options.home`, or makes one, restarts its vats if `platformEpoch` is new,
 * and serves it on loopback. Requests must show the token in `<home>/solo-token`.
 *
 * @throws BadOptionError, SoloTokenError, what `openSoloHost` throws, and system errors when the port
 *   is taken (issue 17)
 */
export const startSoloServer = async (given: SoloServerOptions): Promise<SoloServer> => {
  const options = checkOptions(given);
  const { stopSignal } = options;
  let parts: Omit<Parts, 'options'> | undefined;
  // Loaded here for the sake of hosts that serve nothing.
  const { makeSoloMetrics } = await import('./metrics.js');
  const metrics = makeSoloMetrics(options.host.home);
  let booted: SoloHost | undefined;
  try {
    const host = await boot(options, metrics, ports => parts?.blocks.beforeCommit(ports));
    booted = host;
    parts = assemble(host, options, metrics);
    const { blocks, state } = parts;
    const { url, port, close } = await serve({ options, ...parts });
    const stop = (): void => void blocks.stop().catch(() => undefined);
    const run = (): Promise<void> =>
      closeInTurn([
        () => blocks.ended,
        () => stopSignal?.removeEventListener('abort', stop),
        close,
        () => state.close(),
        metrics.close,
        () => host.close(),
      ]);
    stopSignal?.addEventListener('abort', stop);
    if (stopSignal?.aborted) stop();
    blocks.start();
    const ended = run();
    // Whoever waits for it gets the error; nobody has to.
    ended.catch(() => undefined);
    return {
      url,
      port,
      isNew: host.isNew,
      restartReport: host.controller.getPlatformRestartReport(),
      stop: () => {
        stop();
        return ended;
      },
      ended,
    };
  } catch (error) {
    const closers = [() => parts?.state.close(), metrics.close, () => booted?.close()];
    // If closing fails too, the first error says more.
    await closeInTurn(closers).catch(() => undefined);
    throw error;
  }
};
