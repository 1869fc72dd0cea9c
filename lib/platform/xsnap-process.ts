/**
 * One xsnap process: starts it, talks to it, and tells how it ended.
 *
 * Boundary: knows bytes and scripts, nothing of vats. Built on the `xsnap()` launcher of
 * `@agoric/xsnap`, with the child process kept in sight.
 *
 * Invariants:
 * 1. Every operation settles: when the process ends, or could not be started, what is under way
 *    rejects.
 * 2. After `handleCommand` or the snapshot's source has thrown, the process is dead and the
 *    operation rejects with that very error.
 * 3. No event of the process or its pipes goes unhandled: a worker's death never takes the host.
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

/** What a worker process is started with. See `makeNodeWorkerPowers`. */
export interface WorkerPowers {
  readonly spawn: typeof Spawn;
  readonly readShortages: () => Shortages;
  readonly fs: {
    readonly open: typeof open;
    readonly stat: typeof stat;
    readonly unlink: typeof unlink;
    readonly createReadStream: typeof createReadStream;
  };
  /** As `os.type()` says. */
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
  /** What the machine had too little of when the process started. */
  readonly shortages: Shortages;
  /** Settles, never rejects, when the process is gone. */
  readonly ended: Promise<XsnapExit>;
  /** What `handleCommand` or the snapshot's source threw: then that is why the process is gone. */
  ownFailure(): { readonly error: unknown } | undefined;
  /** The last few lines that the worker wrote to stderr. */
  stderrTail(): string;
  isReady(): Promise<void>;
  evaluate(source: string): Promise<void>;
  command(message: Uint8Array): Promise<XsnapReply>;
  makeSnapshotStream(description: string): AsyncGenerator<Uint8Array, void, undefined>;
  /** Ends the process at once; settles when it is gone. */
  kill(): Promise<XsnapExit>;
}

export interface XsnapProcessOptions {
  readonly powers: WorkerPowers;
  /** Shown by `ps`; what is not letters, digits and `_.:-` is replaced, as vats have a say in it. */
  readonly name: string;
  /** Computrons per command; 0 for no limit. */
  readonly meteringLimit: number;
  /** A request that the worker makes in the midst of a command; the result is sent back. */
  readonly handleCommand?: (request: Uint8Array) => Uint8Array;
  /** What stands for a request of more than `MAX_MESSAGE_BYTES`; without it, all are refused. */
  readonly replaceLongRequest?: MessageReplacer;
  readonly snapshot?: { readonly stream: AsyncIterable<Uint8Array>; readonly description: string };
}

/** Longest message that is taken from a worker, in bytes: SwingSet's limit. */
const MAX_MESSAGE_BYTES = 12_000_000;

const STDERR_TAIL_CHARS = 2000;

/** Where a worker writes its messages: the fifth of its streams. */
const MESSAGES = 4;

/** Before a request, in the worker's messages. */
const REQUEST = '?'.charCodeAt(0);

const noop = (): void => {};

/** Safe and short enough for an argument of a process, whatever a vat or a configuration is called. */
const argumentOf = (name: string): string => name.slice(0, 250).replace(/[^\w.:-]/g, '_');

/** Why there is no process: most often because the worker binary was never built. */
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
      // Also emitted when a signal can't be sent; only without a pid there is no process.
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

/** `@agoric/xsnap` iterates the stream, and refuses what is too long for it. */
const shortenMessages = ({ stdio }: ChildProcess, replace: MessageReplacer): void => {
  const messages = stdio[MESSAGES] as Readable | null | undefined;
  // There is none if the process could not be started.
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
 * @throws XsnapUnsupportedError on an operating system without xsnap; XsnapNotBuiltError comes from
 *   the first operation.
 */
export const startXsnapProcess = async (options: XsnapProcessOptions): Promise<XsnapProcess> => {
  const { powers, name, meteringLimit, handleCommand, replaceLongRequest, snapshot } = options;
  xsnapBinaryPath(powers.os);
  const shortages = powers.readShortages();
  let child: ChildProcess | undefined;
  /** The first error of our own side; it is why the process was killed. */
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
      // The worker would wait forever for the rest.
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
        if (!handleCommand) throw Error(`${name} made a request that nobody expects`);
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
