/**
 * Changes the heap size that a snapshot carries. A worker writes the size that its heap happens to
 * have, which depends on the size it started with. So it is trimmed to what the snapshot needs before
 * the snapshot is hashed, and raised again each time it is loaded.
 *
 * Invariant: a trimmed snapshot's bytes depend on what the heap holds, not on how it grew.
 */
import { HeapFormatError } from './errors.js';
import { makeAtomWalk, readHeapHead, withSlots, type HeapHead } from './heap-format.js';
import { slotsWithHeadroom } from './heap-rule.js';
import { countSlotsNeeded } from './heap-slots.js';

type ByteStream = AsyncIterable<Uint8Array>;

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Passes a snapshot on piece by piece. Keeps back only its first bytes, up to the sizes. */
async function* resize(
  stream: ByteStream,
  choose: (head: HeapHead) => number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const walk = makeAtomWalk();
  let first: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of stream) {
    walk.pass(piece);
    if (first === undefined) {
      yield piece;
      continue;
    }
    first = Buffer.concat([first, piece]);
    const head = readHeapHead(first);
    if (head === undefined) continue;
    yield withSlots(first.subarray(0, head.byteLength), head, choose(head));
    yield first.subarray(head.byteLength);
    first = undefined;
  }
  walk.end();
}

/**
 * A platform image for an incarnation's first worker, with a heap of so many slots, unless the
 * image's own is larger.
 *
 * The stream throws HeapFormatError if the bytes are no snapshot, or end early.
 */
export const withFirstHeap = (image: ByteStream, firstHeap: number): ByteStream =>
  resize(image, ({ slots }) => Math.max(slots, firstHeap));

/** A vat's trimmed snapshot, with headroom. The stream throws as `withFirstHeap`'s does. */
export const withHeadroom = (snapshot: ByteStream): ByteStream =>
  resize(snapshot, ({ slots, otherBytes }) => slotsWithHeadroom(slots, otherBytes));

/**
 * Sets a snapshot's heap size to what the snapshot needs. Copies the first piece only.
 *
 * @throws HeapFormatError if the bytes are no snapshot, or end early.
 */
export const trimHeap = (pieces: readonly Uint8Array[]): readonly Uint8Array[] => {
  const buffers = pieces.map(bufferOf);
  const slots = countSlotsNeeded(buffers);
  let first = Buffer.alloc(0);
  for (const [index, piece] of buffers.entries()) {
    first = Buffer.concat([first, piece]);
    const head = readHeapHead(first);
    if (head) return [withSlots(first, head, slots), ...buffers.slice(index + 1)];
  }
  throw new HeapFormatError('it ends within its head');
};
