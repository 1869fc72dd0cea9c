/**
 * Frames of CometBFT's socket protocol: an unsigned varint with the length, then that many bytes.
 *
 * Boundary: knows bytes only.
 *
 * Invariants
 * 1. Memory is at most a few times what has arrived, whatever a length announces.
 * 2. Bytes are copied a few times at most, however the stream is cut up.
 */
import { WireError } from './errors.js';

/** As the engine's own limit for a message: a block is smaller, and so is a chunk of a snapshot. */
export const MAX_FRAME_BYTES = 100 * 1024 * 1024;

/** Enough for any length below 2^35. */
const MAX_LENGTH_BYTES = 5;

const CONTINUES = 0x80;
const BITS = 0x7f;
const GROUP = 2 ** 7;

/** The first memory for a frame that arrives in parts. */
const FIRST_BYTES = 64 * 1024;

/** Collects a frame that arrives in parts. */
class Assembly {
  #bytes: Uint8Array;
  #filled = 0;

  constructor(readonly length: number) {
    this.#bytes = new Uint8Array(Math.min(length, FIRST_BYTES));
  }

  get missing(): number {
    return this.length - this.#filled;
  }

  add(part: Uint8Array): void {
    const needed = this.#filled + part.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(this.length, 2 * needed));
      larger.set(this.#bytes.subarray(0, this.#filled));
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#filled);
    this.#filled = needed;
  }

  /** The whole frame, once nothing is missing. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** Cuts a stream into frames. After an error, the stream is of no more use. */
export class FrameReader {
  readonly #maxBytes: number;
  #lengthSoFar = 0;
  #lengthBytes = 0;
  /** The frame whose length is known, and which an earlier chunk began. */
  #assembly: Assembly | undefined;

  constructor(maxBytes: number = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Has the stream ended between two frames? */
  get isBetweenFrames(): boolean {
    return this.#assembly === undefined && this.#lengthBytes === 0;
  }

  /**
   * The frames that a chunk completes. They may share the chunk's memory.
   * @throws WireError when a length is malformed or over the limit
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#assembly) {
        const part = chunk.subarray(at, at + this.#assembly.missing);
        this.#assembly.add(part);
        at += part.length;
        if (this.#assembly.missing > 0) return;
        const { bytes } = this.#assembly;
        this.#assembly = undefined;
        yield bytes;
      } else {
        const length = this.#readLengthByte(chunk[at] ?? 0);
        at += 1;
        if (length === undefined) continue;
        if (length <= chunk.length - at) {
          yield chunk.subarray(at, at + length);
          at += length;
        } else this.#assembly = new Assembly(length);
      }
    }
  }

  /** Returns the length with its last byte. */
  #readLengthByte(byte: number): number | undefined {
    const length = this.#lengthSoFar + (byte & BITS) * GROUP ** this.#lengthBytes;
    this.#lengthBytes += 1;
    this.#lengthSoFar = length;
    if (length > this.#maxBytes) {
      throw new WireError(
        `a frame announces ${length} bytes or more, over the limit of ${this.#maxBytes}`,
      );
    }
    if ((byte & CONTINUES) !== 0) {
      if (this.#lengthBytes < MAX_LENGTH_BYTES) return undefined;
      throw new WireError(`the length of a frame has more than ${MAX_LENGTH_BYTES} bytes`);
    }
    this.#lengthSoFar = 0;
    this.#lengthBytes = 0;
    return length;
  }
}

/** The bytes before a frame of a length. */
export const frameHeader = (length: number): Uint8Array => {
  const bytes: number[] = [];
  let rest = length;
  while (rest >= GROUP) {
    bytes.push((rest % GROUP) | CONTINUES);
    rest = Math.floor(rest / GROUP);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
};
