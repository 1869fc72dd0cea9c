/**
 * Replaces messages from a worker to the kernel that are too long, if there is a substitute.
 *
 * Boundary: knows netstrings but not their contents. Malformed netstrings pass through unchanged,
 * and the reader refuses them.
 *
 * Invariant: of a message that is replaced, only the head is ever held in memory.
 */

/**
 * @param head - the first `HEAD_BYTES` bytes of the message
 * @param length - length of the message in bytes
 * @returns the substitute, or undefined if the message is to be refused
 */
export type MessageReplacer = (head: Uint8Array, length: number) => Uint8Array | undefined;

/** Enough of a message to decide whether it may be replaced. */
const HEAD_BYTES = 64;

const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;

/** A longer length exceeds the memory of any process. */
const MAX_DIGITS = 10;

type Header =
  | { readonly kind: 'complete'; readonly start: number; readonly length: number }
  | { readonly kind: 'partial' }
  | { readonly kind: 'malformed' };

/** Parses `<length>:` at the offset. */
const readHeader = (bytes: Uint8Array, offset: number): Header => {
  let length = 0;
  for (let at = offset; at <= offset + MAX_DIGITS; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return { kind: 'partial' };
    if (byte === COLON && at > offset) return { kind: 'complete', start: at + 1, length };
    if (byte < ZERO || byte > NINE) return { kind: 'malformed' };
    length = length * 10 + (byte - ZERO);
  }
  return { kind: 'malformed' };
};

const asNetstring = (message: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${message.length}:`), message, Buffer.from(',')]);

/** Passes bytes through, with substitutes for messages of more than `most` bytes. */
export async function* replaceLongMessages(
  chunks: AsyncIterable<Uint8Array>,
  most: number,
  replace: MessageReplacer,
): AsyncGenerator<Uint8Array, void, undefined> {
  /** An incomplete header or head, held until more bytes arrive. */
  let held: Uint8Array = new Uint8Array();
  /** Remaining bytes of the present message, including its comma. */
  let left = 0;
  let skips = false;
  let isMalformed = false;
  for await (const chunk of chunks) {
    const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    /** Start of the bytes that pass through. */
    let from = 0;
    let at = 0;
    while (at < bytes.length && !isMalformed) {
      if (left > 0) {
        const step = Math.min(left, bytes.length - at);
        left -= step;
        at += step;
        if (skips) from = at;
        continue;
      }
      skips = false;
      const header = readHeader(bytes, at);
      if (header.kind === 'malformed') {
        isMalformed = true;
        break;
      }
      if (header.kind === 'partial') break;
      const { start, length } = header;
      if (length > most) {
        const head = Math.min(length, HEAD_BYTES);
        if (bytes.length - start < head) break;
        const replacement = replace(bytes.subarray(start, start + head), length);
        if (replacement) {
          if (at > from) yield bytes.subarray(from, at);
          yield asNetstring(replacement);
          skips = true;
          from = start;
        }
      }
      left = length + 1;
      at = start;
    }
    const to = isMalformed ? bytes.length : at;
    if (to > from) yield bytes.subarray(from, to);
    held = bytes.subarray(to);
  }
  if (held.length > 0) yield held;
}
