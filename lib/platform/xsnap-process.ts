/**
 * One xsnap process: starts it, talks to it, and reports how it ended.
 *
 * Boundary: knows bytes and scripts, not vats.
 *
 * Invariants:
 * 1. Every operation settles: if the process ends or can't be started, pending operations reject.
 * 2. After `handleCommand` or the snapshot's source has thrown, the process is dead, and the
 *    operation rejects with that error.
 * 3. Every error event of the process and its pipes is handled, so that a worker's death never ends
 *    the host.
 */
import type { ChildProcess, spawn as Spawn } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { WorkerProtocolError, XsnapNotBuiltError } from './errors.js';
import { HEAP_IN, HEAP_OUT, loadHeap, saveHeapFrom } from './heap-pipes.js';
import type { MessageReplacer } from './netstrings.js';
import type { Shortages } from './resource-limits.js';
import { makeWorkerChannel, type XsnapReply } from './worker-channel.js';
import { xsnapBinaryPath } from './xsnap-discovery.js';

/** The powers needed to start worker processes. See `makeNodeWorkerPowers`. */
export interface WorkerPowers {
  readonly spawn: typeof Spawn;
  /** Variables of the processes. Nothing in them may decide what a vat computes. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readShortages: () => Shortages;
  /** From `os.type()`. */
  readonly os: string;
  /** Milliseconds after which a worker that is silent in an operation is ended; 0 means never. */
  readonly silenceLimit: number;
}

export type XsnapExit =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'failed'; readonly error: Error };

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
  command(message: string): Promise<XsnapReply>;
  makeSnapshotStream(): AsyncGenerator<Uint8Array, void, undefined>;
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
  readonly handleCommand?: (request: Buffer) => string;
  /** Substitutes for requests that are too long. Without it, all are refused. */
  readonly replaceLongRequest?: MessageReplacer;
  readonly snapshot?: { readonly stream: AsyncIterable<Uint8Array>; readonly description: string };
}

const STDERR_TAIL_CHARS = 2000;

/** File descriptors in the worker, beside those of the heaps. */
const MESSAGES_IN = 3;
const MESSAGES_OUT = 4;

/** The worker's end of each descriptor, 0 to 8. 5 and 6 are for XS's own tools. */
const stdioOf = (loads: boolean): ('ignore' | 'pipe')[] => {
  const piped = [2, MESSAGES_IN, MESSAGES_OUT, HEAP_OUT, ...(loads ? [HEAP_IN] : [])];
  return Array.from({ length: HEAP_IN + 1 }, (_, fd) => (piped.includes(fd) ? 'pipe' : 'ignore'));
};

const noop = (): void => {};

/** Makes any name safe and short enough for a process argument. */
const argumentOf = (name: string): string => name.slice(0, 250).replace(/[^\w.:-]/g, '_');

/** What a description may show in a process argument. */
const hintOf = (description: string): string => description.replace(/[^\w.-]/g, '-');

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

const collectTail = (child: ChildProcess): (() => string) => {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL_CHARS);
  });
  return () => tail.trim();
};

const describeExit = (exit: Exclude<XsnapExit, { kind: 'failed' }>): string =>
  exit.kind === 'exit' ? `exit code ${exit.code}` : `signal ${exit.signal}`;

const argumentsOf = (options: XsnapProcessOptions): readonly string[] => {
  const { name, meteringLimit, snapshot } = options;
  return [
    argumentOf(name),
    ...(snapshot ? ['-r', `@${HEAP_IN}:${hintOf(snapshot.description)}`] : []),
    ...(meteringLimit > 0 ? ['-l', String(meteringLimit)] : []),
  ];
};

const unexpected = (name: string) => (): never => {
  throw Error(`${name} made an unexpected request`);
};

/** Bytes of a heap, from the reply of the worker that wrote it. */
const readHeapSize = ({ reply }: XsnapReply): number => {
  const text = reply.toString('latin1');
  if (!/^\d+$/.test(text)) throw new WorkerProtocolError('a heap of no size');
  return Number(text);
};

/** A process for which the machine has no descriptors gets no pipes. */
const pipesOf = ({ stdio }: ChildProcess) => {
  const pipes = stdio as readonly (Readable | Writable | null)[] | undefined;
  const pipe = (fd: number): Readable | Writable => pipes?.[fd] ?? new PassThrough();
  for (const stream of pipes ?? []) stream?.on('error', noop);
  return {
    fromWorker: pipe(MESSAGES_OUT) as Readable,
    toWorker: pipe(MESSAGES_IN) as Writable,
    heapOut: pipe(HEAP_OUT) as Readable,
    heapIn: pipe(HEAP_IN) as Writable,
  };
};

/**
 * Starts a process. Returns when it was spawned, which is before it has read its snapshot. If the
 * binary is missing, the first operation rejects with XsnapNotBuiltError.
 *
 * @throws XsnapUnsupportedError on an operating system without xsnap
 */
export const startXsnapProcess = (options: XsnapProcessOptions): XsnapProcess => {
  const { powers, name, handleCommand = unexpected(name), snapshot } = options;
  const binary = xsnapBinaryPath(powers.os);
  const shortages = powers.readShortages();
  const child = powers.spawn(binary, argumentsOf(options), {
    stdio: stdioOf(!!snapshot),
    env: { ...powers.env },
  });
  const ended = watchExit(child);
  const stderrTail = collectTail(child);
  const { fromWorker, toWorker, heapOut, heapIn } = pipesOf(child);
  const read = new Promise(resolve => fromWorker.once('close', resolve));
  /** The first error on our side, for which the process was killed. */
  let failure: { readonly error: unknown } | undefined;

  const kill = (): void => {
    child.kill('SIGKILL');
  };

  const channel = makeWorkerChannel({
    name,
    fromWorker,
    toWorker,
    handleRequest: request => {
      try {
        return handleCommand(request);
      } catch (error) {
        failure ??= { error };
        throw error;
      }
    },
    replaceLongRequest: options.replaceLongRequest ?? (() => undefined),
    silenceLimit: powers.silenceLimit,
    onFault: kill,
  });

  const endChannel = async (): Promise<void> => {
    const exit = await ended;
    if (exit.kind === 'failed') {
      channel.end(exit.error);
      return;
    }
    // What the worker wrote before it ended is read first.
    await read;
    channel.end(Error(`${name} ended: ${describeExit(exit)}`));
  };
  void endChannel();

  const fed = snapshot
    ? loadHeap(snapshot.stream, heapIn, error => {
        failure ??= { error };
        channel.end(error);
        kill();
      })
    : undefined;

  return {
    pid: child.pid,
    shortages,
    ended,
    ownFailure: () => failure,
    stderrTail,
    isReady: async () => {
      await channel.operate('R', '');
      // The worker may have all bytes before their source finds at its end that they are wrong.
      await fed;
      if (failure) throw failure.error;
    },
    evaluate: async source => {
      await channel.operate('e', source);
    },
    command: message => channel.operate('?', message),
    makeSnapshotStream: () =>
      saveHeapFrom(
        heapOut,
        async () => readHeapSize(await channel.operate('w', `@${HEAP_OUT}`)),
        channel.noteLife,
        powers.silenceLimit,
      ),
    kill: () => {
      kill();
      return ended;
    },
  };
};
