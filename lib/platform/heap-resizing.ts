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

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Replaces the heap size of a snapshot that is all there. Copies only its first bytes. */
const resize = (
  pieces: readonly Buffer[],
  choose: (head: HeapHead) => number,
): readonly Buffer[] => {
  let first: Buffer = Buffer.alloc(0);
  for (const [index, piece] of pieces.entries()) {
    first = first.length === 0 ? piece : Buffer.concat([first, piece]);
    const head = readHeapHead(first);
    if (head === undefined) continue;
    const { byteLength } = head;
    const resized = withSlots(first.subarray(0, byteLength), head, choose(head));
    const rest = [first.subarray(byteLength), ...pieces.slice(index + 1)];
    return [resized, ...rest.filter(({ length }) => length > 0)];
  }
  throw new HeapFormatError('it ends within its head');
};

/**
 * Sets a snapshot's heap size to what the snapshot needs.
 *
 * @throws HeapFormatError if the bytes are no snapshot, or end early.
 */
export const trimHeap = (pieces: readonly Uint8Array[]): readonly Uint8Array[] => {
  const buffers = pieces.map(bufferOf);
  const needed = countSlotsNeeded(buffers);
  return resize(buffers, () => needed);
};

/** The slots that an image needs. Counted once, because a store's image stays in memory. */
const neededByImage = new WeakMap<Uint8Array, number>();

/**
 * A platform image for an incarnation's first worker. Its heap has the slots that the vat's bundle
 * calls for, or those that the image would get if it were a snapshot, if these are more.
 *
 * @throws HeapFormatError if the bytes are no snapshot, or end early.
 */
export const withFirstHeap = (image: Uint8Array, firstHeap: number): readonly Uint8Array[] => {
  const bytes = bufferOf(image);
  const needed = neededByImage.get(image) ?? countSlotsNeeded([bytes]);
  neededByImage.set(image, needed);
  return resize([bytes], ({ otherBytes }) =>
    Math.max(firstHeap, slotsWithHeadroom(needed, otherBytes)),
  );
};

/**
 * A vat's trimmed snapshot, with headroom. Passes it on piece by piece, and keeps back only its first
 * bytes, up to the sizes.
 *
 * The stream throws HeapFormatError if the bytes are no snapshot, or end early.
 */
export async function* withHeadroom(
  snapshot: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const walk = makeAtomWalk();
  let first: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of snapshot) {
    walk.pass(piece);
    if (first === undefined) {
      yield piece;
      continue;
    }
    first = first.length === 0 ? bufferOf(piece) : Buffer.concat([first, piece]);
    const head = readHeapHead(first);
    if (head === undefined) continue;
    yield* resize([first], ({ slots, otherBytes }) => slotsWithHeadroom(slots, otherBytes));
    first = undefined;
  }
  walk.end();
}
