/**
 * Netstrings (`<length>:<message>,`), in which a worker and the kernel write to each other.
 *
 * Invariants:
 * 1. The messages that a reader passes on depend on the bytes alone, not on how they are cut.
 * 2. Of a message that is too long, a reader holds no more than the head.
 */
import { LongMessageError, WorkerProtocolError } from './errors.js';

/**
 * @param head - the first `HEAD_BYTES` bytes of the message
 * @param length - length of the message in bytes
 * @returns the substitute, or undefined if the message is to be refused
 */
export type MessageReplacer = (head: Buffer, length: number) => Buffer | undefined;

export interface NetstringReaderOptions {
  /** Messages of more bytes are replaced, or refused. */
  readonly maxBytes: number;
  readonly replace: MessageReplacer;
  readonly onMessage: (message: Buffer) => void;
}

export interface NetstringReader {
  /**
   * Reads on, and passes on each message that ends in the chunk.
   *
   * @throws LongMessageError
   * @throws WorkerProtocolError if the bytes are no netstrings
   */
  push(chunk: Buffer): void;
}

/** Enough of a message to decide whether it may be replaced. */
const HEAD_BYTES = 64;

/** A longer length exceeds the memory of any process. */
const MAX_DIGITS = 10;

const COLON = 0x3a;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;

export const makeNetstringReader = (options: NetstringReaderOptions): NetstringReader => {
  const { maxBytes, replace, onMessage } = options;
  /** Of the present header; the message follows when `inMessage`. */
  let length = 0;
  let digits = 0;
  let inMessage = false;
  /** Bytes of the present message that have come, without its comma. */
  let have = 0;
  let parts: Buffer[] = [];

  const readDigit = (byte: number): void => {
    const leadsWithZero = digits === 1 && length === 0;
    if (byte < ZERO || byte > NINE || digits === MAX_DIGITS || leadsWithZero) {
      throw new WorkerProtocolError(`byte 0x${byte.toString(16)} in the length of a message`);
    }
    length = length * 10 + (byte - ZERO);
    digits += 1;
  };

  const finish = (): void => {
    let message = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    if (length > maxBytes) {
      const substitute = replace(message, length);
      if (!substitute) throw new LongMessageError(length, maxBytes);
      message = substitute;
    }
    parts = [];
    [length, digits, have, inMessage] = [0, 0, 0, false];
    onMessage(message);
  };

  /** Takes bytes of the message, and refuses a long one as soon as its head is there. */
  const take = (bytes: Buffer): void => {
    have += bytes.length;
    if (length <= maxBytes) {
      parts.push(bytes);
      return;
    }
    const held = parts[0]?.length ?? 0;
    if (held === HEAD_BYTES) return;
    const head = Buffer.concat([...parts, bytes.subarray(0, HEAD_BYTES - held)]);
    parts = [head];
    if (head.length === Math.min(length, HEAD_BYTES) && !replace(head, length)) {
      throw new LongMessageError(length, maxBytes);
    }
  };

  return {
    push: chunk => {
      let at = 0;
      while (at < chunk.length) {
        if (!inMessage) {
          const byte = chunk[at]!;
          at += 1;
          if (byte === COLON && digits > 0) inMessage = true;
          else readDigit(byte);
        } else if (have < length) {
          const end = Math.min(at + length - have, chunk.length);
          take(chunk.subarray(at, end));
          at = end;
        } else {
          if (chunk[at] !== COMMA) throw new WorkerProtocolError('a message without its comma');
          at += 1;
          finish();
        }
      }
    },
  };
};

/** The netstring of a tag of ASCII characters and a text, to be written as UTF-8. */
export const netstringOf = (tag: string, text: string): string =>
  `${tag.length + Buffer.byteLength(text)}:${tag}${text},`;
