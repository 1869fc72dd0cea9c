/**
 * The contents of a snapshot, as one stream of frames that is then cut into chunks:
 *
 * | frame | payload |
 * | --- | --- |
 * | `x` | export data: JSON, a list of pairs of key and value |
 * | `c` | rows of the chain: the same |
 * | `a` | the name of an artifact, whose bytes follow |
 * | `d` | bytes of that artifact |
 * | `z` | empty; the last one |
 *
 * All `x` come first, then all `c`, then each `a` with its `d`. So a restore has everything that
 * the trusted app hash covers before it takes artifacts, which the export data covers.
 *
 * A frame is its letter, the length of the payload as four bytes, high byte first, and the payload.
 */
import { quoteValue } from '../../../errors.js';
import { BadSnapshotError } from './errors.js';

export type FrameKind = 'x' | 'c' | 'a' | 'd' | 'z';

export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

const KINDS: readonly string[] = ['x', 'c', 'a', 'd', 'z'];

const HEAD_BYTES = 5;

/** One entry may be as long as a bundle. */
const MAX_PAYLOAD = 2 ** 28;

export const encodeFrame = (kind: FrameKind, payload: string | Uint8Array = ''): Buffer => {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const head = Buffer.alloc(HEAD_BYTES, kind);
  head.writeUInt32BE(bytes.byteLength, 1);
  return Buffer.concat([head, bytes]);
};

const cutOff = (): BadSnapshotError => new BadSnapshotError('its contents are cut off');

/** Frames of a stream that comes in pieces, from a peer. */
export class FrameReader {
  readonly #source: AsyncIterator<Uint8Array>;

  #pieces: Buffer[] = [];

  #length = 0;

  #next: Frame | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The kind of the next frame, which stays. @throws BadSnapshotError */
  async peek(): Promise<FrameKind> {
    this.#next ??= await this.#read();
    return this.#next.kind;
  }

  /** The next frame if it is of this kind. */
  async takeIf(kind: FrameKind): Promise<Buffer | undefined> {
    if ((await this.peek()) !== kind) return undefined;
    const { payload } = this.#next!;
    this.#next = undefined;
    return payload;
  }

  /** @throws BadSnapshotError unless `z` is all that is left */
  async finish(): Promise<void> {
    const last = await this.takeIf('z');
    if (last?.length !== 0) {
      throw new BadSnapshotError(`its contents have a frame ${await this.peek()} out of order`);
    }
    if (this.#length > 0 || !(await this.#source.next()).done) {
      throw new BadSnapshotError('its contents go on after their end');
    }
  }

  async #read(): Promise<Frame> {
    const head = await this.#take(HEAD_BYTES);
    const kind = head.toString('latin1', 0, 1);
    const length = head.readUInt32BE(1);
    if (!KINDS.includes(kind) || length > MAX_PAYLOAD) {
      throw new BadSnapshotError(
        `its contents have a frame ${quoteValue(kind)} of ${length} bytes`,
      );
    }
    return { kind: kind as FrameKind, payload: await this.#take(length) };
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#length < length) {
      const next = await this.#source.next();
      if (next.done === true) throw cutOff();
      this.#pieces.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length));
      this.#length += next.value.length;
    }
    const [first] = this.#pieces;
    const all = this.#pieces.length === 1 ? first! : Buffer.concat(this.#pieces);
    this.#pieces = [all.subarray(length)];
    this.#length -= length;
    return all.subarray(0, length);
  }
}

const isPair = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every(part => typeof part === 'string');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Bytes of JSON that are not in texts: four for each entry. An exporter's batch has 65,536 entries
 * at most.
 */
const MAX_STRUCTURE = 2 ** 19;

/** Where the text that begins at `start` ends: the index after its closing quote. */
const endOfText = (json: Buffer, start: number): number => {
  for (let at = json.indexOf(QUOTE, start); at >= 0; at = json.indexOf(QUOTE, at + 1)) {
    let escapes = at;
    while (json[escapes - 1] === BACKSLASH) escapes -= 1;
    if ((at - escapes) % 2 === 0) return at + 1;
  }
  return json.length;
};

/**
 * Has it more lists and other values than a batch of entries? They take far more memory than bytes:
 * 256 MB of empty lists, which are a few hundred bytes when compressed, take several GB.
 */
const isDense = (json: Buffer): boolean => {
  let structure = 0;
  for (let at = 0; at < json.length && structure <= MAX_STRUCTURE;) {
    if (json[at] === QUOTE) at = endOfText(json, at + 1);
    else {
      structure += 1;
      at += 1;
    }
  }
  return structure > MAX_STRUCTURE;
};

/** The entries in the payload of an `x` or `c`. @throws BadSnapshotError */
export const decodeEntries = (payload: Buffer): readonly [key: string, value: string][] => {
  if (isDense(payload)) throw new BadSnapshotError('its entries are more than a frame holds');
  let entries: unknown;
  try {
    entries = JSON.parse(payload.toString());
  } catch (error) {
    throw new BadSnapshotError('its entries are not JSON', { cause: error });
  }
  if (!Array.isArray(entries) || !entries.every(isPair)) {
    throw new BadSnapshotError('its entries are not pairs of keys and values');
  }
  return entries;
};
