/**
 * One xsnap process: starts it, talks to it, and reports how it ended.
 *
 * Boundary: knows bytes and scripts, not vats. It uses the `xsnap()` launcher of `@agoric/xsnap`
 * and keeps hold of the child process.
 *
 * Invariants:
 * 1. Every operation settles: if the process ends or can't be started, pending operations reject.
 * 2. After `handleCommand` or the snapshot's source has thrown, the process is dead, and the
 *    operation rejects with that error.
 * 3. Every error event of the process and its pipes is handled, so that a worker's death never ends
 *    the host.
 */
import type { ChildProcess, spawn as Spawn } from 'node:child_process';
import type { createReadStream } from 'node:fs';
import type { open, stat, unlink } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { racePromises } from '@endo/promise-kit';
import { xsnap, type XSnap } from '@agoric/xsnap';
import { XsnapNotBuiltError } from './errors.js';
import { replaceLongMessages, type MessageReplacer } from './long-messages.js';
import type { Shortages } from './resource-limits.js';
import { xsnapBinaryPath } from './xsnap-discovery.js';

/** The powers needed to start worker processes. See `makeNodeWorkerPowers`. */
export interface WorkerPowers {
  readonly spawn: typeof Spawn;
  readonly readShortages: () => Shortages;
  readonly fs: {
    readonly open: typeof open;
    readonly stat: typeof stat;
    readonly unlink: typeof unlink;
    readonly createReadStream: typeof createReadStream;
  };
  /** From `os.type()`. */
  readonly os: string;
}

export type XsnapExit =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'failed'; readonly error: Error };

export interface XsnapReply {
  readonly reply: Uint8Array;
  /** Computrons; null if the worker sent none. */
  readonly compute: number | null;
}

export interface XsnapProcess {
  readonly pid: number | undefined;
  /** The machine's shortages when the process started. */
  readonly shortages: Shortages;
  /** Settles when the process has ended. Never rejects. */
  readonly ended: Promise<XsnapExit>;
  /** The error of `handleCommand` or of the snapshot's source, if one of them ended the process. */
  ownFailure(): { readonly error: unknown } | undefined;
  /** The last characters that the worker wrote to stderr. */
  stderrTail(): string;
  isReady(): Promise<void>;
  evaluate(source: string): Promise<void>;
  command(message: Uint8Array): Promise<XsnapReply>;
  makeSnapshotStream(description: string): AsyncGenerator<Uint8Array, void, undefined>;
  /** Kills the process. Settles when it has ended. */
  kill(): Promise<XsnapExit>;
}

export interface XsnapProcessOptions {
  readonly powers: WorkerPowers;
  /** Shown by `ps`. Unsafe characters are replaced, because vats influence names. */
  readonly name: string;
  /** Computrons per command; 0 means no limit. */
  readonly meteringLimit: number;
  /** Handles a request that the worker makes during a command. The result is the reply. */
  readonly handleCommand?: (request: Uint8Array) => Uint8Array;
  /** Substitutes for requests of more than `MAX_MESSAGE_BYTES`. Without it, all are refused. */
  readonly replaceLongRequest?: MessageReplacer;
  readonly snapshot?: { readonly stream: AsyncIterable<Uint8Array>; readonly description: string };
}

/** Maximum length in bytes of a message from a worker. SwingSet's limit. */
const MAX_MESSAGE_BYTES = 12_000_000;

const STDERR_TAIL_CHARS = 2000;

/** Index of the stream on which a worker writes its messages. */
const MESSAGES = 4;

/** First byte of a request. */
const REQUEST = '?'.charCodeAt(0);

const noop = (): void => {};

/** Makes any name safe and short enough for a process argument. */
const argumentOf = (name: string): string => name.slice(0, 250).replace(/[^\w.:-]/g, '_');

/** Explains a failure to start. Usually, the worker binary was never built. */
const spawnFailure = (error: NodeJS.ErrnoException): Error =>
  error.path !== undefined && (error.code === 'ENOENT' || error.code === 'EACCES')
    ? new XsnapNotBuiltError(error.path, { cause: error })
    : error;

const watchExit = (child: ChildProcess): Promise<XsnapExit> =>
  new Promise(resolve => {
    child.once('exit', (code, signal) => {
      if (signal !== null) resolve({ kind: 'signal', signal });
      else resolve({ kind: 'exit', code: code ?? -1 });
    });
    child.once('error', error => {
      // Also emitted when a signal can't be sent. Without a PID, the process never started.
      if (child.pid === undefined) resolve({ kind: 'failed', error: spawnFailure(error) });
    });
    child.on('error', noop);
  });

const replaceRequest =
  (replace: MessageReplacer): MessageReplacer =>
  (head, length) => {
    if (head[0] !== REQUEST) return undefined;
    const request = replace(head.subarray(1), length - 1);
    return request && Uint8Array.of(REQUEST, ...request);
  };

/** Hooks into the stream's iterator, because `@agoric/xsnap` itself fails on long messages. */
const shortenMessages = ({ stdio }: ChildProcess, replace: MessageReplacer): void => {
  const messages = stdio[MESSAGES] as Readable | null | undefined;
  // Null if the process could not be started.
  if (!messages) return;
  const iterate = messages[Symbol.asyncIterator].bind(messages);
  Object.defineProperty(messages, Symbol.asyncIterator, {
    value: () => replaceLongMessages(iterate(), MAX_MESSAGE_BYTES, replaceRequest(replace)),
  });
};

const collectTail = (child: ChildProcess): (() => string) => {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL_CHARS);
  });
  return () => tail.trim();
};

const describeExit = (exit: XsnapExit): string => {
  switch (exit.kind) {
    case 'exit':
      return `exit code ${exit.code}`;
    case 'signal':
      return `signal ${exit.signal}`;
    case 'failed':
      return exit.error.message;
    default:
      return exit satisfies never;
  }
};

/**
 * Starts a process. Settles when it was spawned, which is before it has read its snapshot.
 *
 * @throws XsnapUnsupportedError on an operating system without xsnap. If the binary is missing, the
 *   first operation rejects with XsnapNotBuiltError.
 */
export const startXsnapProcess = async (options: XsnapProcessOptions): Promise<XsnapProcess> => {
  const { powers, name, meteringLimit, handleCommand, replaceLongRequest, snapshot } = options;
  xsnapBinaryPath(powers.os);
  const shortages = powers.readShortages();
  let child: ChildProcess | undefined;
  /** The first error on our side, for which the process was killed. */
  let failure: { readonly error: unknown } | undefined;

  const failWith = (error: unknown): void => {
    failure ??= { error };
    child?.kill('SIGKILL');
  };

  async function* guardedSnapshot(
    stream: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* stream;
    } catch (error) {
      // Without this, the worker would wait forever for the rest.
      failWith(error);
      throw error;
    }
  }

  let ended: Promise<XsnapExit> | undefined;
  let stderrTail = (): string => '';
  const spawn = ((command: string, args: readonly string[], spawnOptions: object) => {
    const spawned = powers.spawn(command, args, spawnOptions);
    child = spawned;
    ended = watchExit(spawned);
    stderrTail = collectTail(spawned);
    for (const stream of spawned.stdio) stream?.on('error', noop);
    if (replaceLongRequest) shortenMessages(spawned, replaceLongRequest);
    return spawned;
  }) as typeof Spawn;

  const launched: XSnap = await xsnap({
    os: powers.os,
    spawn,
    fs: powers.fs,
    name: argumentOf(name),
    meteringLimit,
    netstringMaxChunkSize: MAX_MESSAGE_BYTES,
    stdout: 'ignore',
    stderr: 'pipe',
    handleCommand: async request => {
      try {
        if (!handleCommand) throw Error(`${name} made an unexpected request`);
        return handleCommand(request);
      } catch (error) {
        failWith(error);
        throw error;
      }
    },
    ...(snapshot && {
      snapshotStream: guardedSnapshot(snapshot.stream),
      snapshotDescription: snapshot.description,
    }),
  });
  const exited = ended ?? Promise.reject(Error('xsnap() did not spawn'));
  const died = exited.then(exit => {
    if (exit.kind === 'failed') throw exit.error;
    throw Error(`${name} ended: ${describeExit(exit)}`);
  });
  died.catch(noop);

  const attempt = async <T>(operation: Promise<T>): Promise<T> => {
    try {
      return await racePromises([operation, died]);
    } catch (error) {
      throw failure ? failure.error : error;
    }
  };

  return {
    pid: child?.pid,
    shortages,
    ended: exited,
    ownFailure: () => failure,
    stderrTail: () => stderrTail(),
    isReady: () => attempt(launched.isReady()),
    evaluate: async source => {
      await attempt(launched.evaluate(source));
    },
    command: async message => {
      const { reply, meterUsage } = await attempt(launched.issueCommand(message));
      return { reply, compute: meterUsage.compute };
    },
    makeSnapshotStream: description => launched.makeSnapshotStream(description),
    kill: async () => {
      child?.kill('SIGKILL');
      return exited;
    },
  };
};
