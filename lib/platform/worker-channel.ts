/**
 * The channel to a worker: one operation at a time, and the requests that the worker makes
 * meanwhile, which are answered in the same tick.
 *
 * The messages of a worker begin with `.` (done, with what it used), `!` (failed) or `?` (a
 * request). Those of the kernel begin with a letter or `?` (an operation) or `/` (the answer to a
 * request).
 *
 * Boundary: knows the protocol of the `xsnap-worker` binary, not what vats and kernel say in it.
 *
 * Invariants:
 * 1. An operation settles: with its reply, with the first fault of the channel, or with `end()`.
 * 2. After a fault, nothing that the worker sends is read, and nothing is sent to it.
 */
import type { Readable, Writable } from 'node:stream';
import { quoteValue } from '../errors.js';
import { WorkerOvertimeError, WorkerProtocolError, WorkerSilentError } from './errors.js';
import { makeNetstringReader, netstringOf, type MessageReplacer } from './netstrings.js';

export interface XsnapReply {
  readonly reply: Buffer;
  /** Computrons; null if the worker sent none. */
  readonly compute: number | null;
}

export interface WorkerChannelOptions {
  readonly name: string;
  readonly fromWorker: Readable;
  readonly toWorker: Writable;
  /** Handles a request. The result is the answer. */
  readonly handleRequest: (request: Buffer) => string;
  readonly replaceLongRequest: MessageReplacer;
  /** Milliseconds that a worker may be silent in an operation; 0 means no limit. */
  readonly silenceLimit: number;
  /** Called once, with the first fault. The worker must be ended. */
  readonly onFault: (error: unknown) => void;
}

export interface WorkerChannel {
  /**
   * Sends an operation, and returns the worker's reply.
   *
   * @param tag - the operation: one letter, or `?` for a command
   */
  operate(tag: string, text: string): Promise<XsnapReply>;
  /** The worker does something that no message shows. */
  readonly noteLife: () => void;
  /** The worker has ended: no more comes. Rejects the operation in progress and all later ones. */
  end(error: unknown): void;
}

/** Maximum length in bytes of a message from a worker. SwingSet's limit. */
const MAX_MESSAGE_BYTES = 12_000_000;

/**
 * An operation may take this many times the silence that is allowed. What a worker prints is a sign of
 * life, and one that was taken over could print for ever.
 */
const MOST_SILENCES = 8;

const REQUEST = '?'.charCodeAt(0);
const DONE = '.'.charCodeAt(0);
const FAILED = '!'.charCodeAt(0);

/** Between what the worker used and its reply. */
const SEPARATOR = 1;

/** The engine writes this, and no vat has a part in it. */
const readCompute = (text: string): number | null => {
  let used: unknown;
  try {
    used = JSON.parse(text);
  } catch {
    throw new WorkerProtocolError('what it used is not JSON');
  }
  const { compute = null } = (used ?? {}) as { compute?: unknown };
  if (compute === null) return null;
  if (Number.isSafeInteger(compute) && (compute as number) >= 0) return compute as number;
  throw new WorkerProtocolError(`${quoteValue(compute)} is no number of computrons`);
};

const readReply = (message: Buffer): XsnapReply => {
  const separator = message.indexOf(SEPARATOR, 1);
  if (separator < 0) return { reply: message.subarray(1), compute: null };
  return {
    reply: message.subarray(separator + 1),
    compute: readCompute(message.toString('latin1', 1, separator)),
  };
};

interface Operation {
  readonly resolve: (reply: XsnapReply) => void;
  readonly reject: (error: unknown) => void;
}

export const makeWorkerChannel = (options: WorkerChannelOptions): WorkerChannel => {
  const { name, fromWorker, toWorker, handleRequest, replaceLongRequest, onFault } = options;
  const { silenceLimit } = options;
  let operation: Operation | undefined;
  let ended: { readonly error: unknown } | undefined;
  let silence: NodeJS.Timeout | undefined;
  /** When the present operation began, in milliseconds. */
  let begun = 0;

  const settle = (): Operation | undefined => {
    const settled = operation;
    operation = undefined;
    return settled;
  };

  const end = (error: unknown): void => {
    ended ??= { error };
    clearTimeout(silence);
    settle()?.reject(ended.error);
  };

  const fail = (error: unknown): void => {
    if (ended) return;
    end(error);
    onFault(error);
  };

  const onSilence = (): void => {
    if (operation) fail(new WorkerSilentError(name, silenceLimit));
  };

  const noteLife = (): void => {
    if (silenceLimit > 0 && performance.now() - begun > MOST_SILENCES * silenceLimit) {
      throw new WorkerOvertimeError(name, MOST_SILENCES * silenceLimit);
    }
    silence?.refresh();
  };

  const readMessage = (message: Buffer): void => {
    if (!operation) throw new WorkerProtocolError('a message outside of an operation');
    switch (message[0]) {
      case REQUEST:
        toWorker.write(netstringOf('/', handleRequest(message.subarray(1))));
        break;
      case DONE: {
        const reply = readReply(message);
        settle()?.resolve(reply);
        break;
      }
      case FAILED:
        settle()?.reject(Error(`uncaught exception in ${name}: ${message.toString('utf8', 1)}`));
        break;
      default:
        throw new WorkerProtocolError('a message of an unknown kind');
    }
  };

  const reader = makeNetstringReader({
    maxBytes: MAX_MESSAGE_BYTES,
    replace: (head, length) => {
      if (head[0] !== REQUEST) return undefined;
      const request = replaceLongRequest(head.subarray(1), length - 1);
      return request && Buffer.concat([head.subarray(0, 1), request]);
    },
    onMessage: message => {
      if (!ended) readMessage(message);
    },
  });

  fromWorker.on('data', (chunk: Buffer) => {
    if (ended) return;
    try {
      noteLife();
      reader.push(chunk);
    } catch (error) {
      fail(error);
    }
  });

  return {
    operate: (tag, text) =>
      new Promise((resolve, reject) => {
        if (operation) throw Error(`${name} is busy with another operation`);
        if (ended) throw ended.error;
        operation = { resolve, reject };
        begun = performance.now();
        if (silenceLimit > 0)
          silence = silence?.refresh() ?? setTimeout(onSilence, silenceLimit).unref();
        toWorker.write(netstringOf(tag, text));
      }),
    noteLife: () => {
      try {
        noteLife();
      } catch (error) {
        fail(error);
      }
    },
    end,
  };
};
