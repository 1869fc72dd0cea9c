/**
 * Counts the slots that a snapshot needs, from its content alone, so that the count does not depend
 * on how the worker's heap grew.
 *
 * `HEAP` lacks the entries of maps and sets, because the engine makes them anew while it loads.
 * Without room for them, it would collect garbage in a heap that is half read.
 */
import { HeapFormatError } from './errors.js';
import { makeAtomWalk, SLOT_BYTES } from './heap-format.js';

/** Kinds of slots, from `xsAll.h`. */
const INTEGER = 3;
const MAP = 27;
const SET = 33;
const LIST = 45;

/** Offsets within a slot. */
const NEXT = 0;
const KIND = 8;
const VALUE = 16;

/** The slot that the engine keeps for itself, and one that has to be free while it loads. */
const SLOTS_OF_ENGINE = 2;

interface Slots {
  readonly count: number;
  kind(index: number): number;
  /** Index of the slot that follows in the same object. */
  next(index: number): number;
  integer(index: number): number;
}

/** Reads slots where they lie, because a snapshot has a hundred pieces and ten megabytes. */
const makeSlots = (
  pieces: readonly Buffer[],
  place: { readonly offset: number; readonly byteLength: number },
): Slots => {
  const starts: number[] = [];
  let end = 0;
  for (const piece of pieces) {
    starts.push(end);
    end += piece.length;
  }
  if (place.byteLength % SLOT_BYTES !== 0) {
    throw new HeapFormatError(
      `HEAP has ${place.byteLength} bytes, not a multiple of ${SLOT_BYTES}`,
    );
  }
  const count = place.byteLength / SLOT_BYTES;

  let current = 0;
  /** Moves to the piece that holds an offset. Neighbours are usually in the same one. */
  const find = (offset: number): { readonly piece: Buffer; readonly at: number } => {
    const start = starts[current];
    if (start === undefined || offset < start) current = 0;
    while ((starts[current + 1] ?? Infinity) <= offset) current += 1;
    return { piece: pieces[current] as Buffer, at: offset - (starts[current] as number) };
  };

  const read = (index: number, field: number, bytes: 1 | 4): number => {
    if (index < 1 || index > count) throw new HeapFormatError(`HEAP has no slot ${index}`);
    const offset = place.offset + (index - 1) * SLOT_BYTES + field;
    const { piece, at } = find(offset);
    if (bytes === 1) return piece[at] as number;
    if (at + bytes <= piece.length) return piece.readInt32LE(at);
    const split = Uint8Array.from({ length: bytes }, (_, byte) => {
      const found = find(offset + byte);
      return found.piece[found.at] as number;
    });
    return Buffer.from(split).readInt32LE();
  };

  return {
    count,
    kind: index => read(index, KIND, 1),
    next: index => read(index, NEXT, 4),
    integer: index => read(index, VALUE, 4),
  };
};

/** How many entries a map or a set has: its table is followed by its list, and by its size. */
const readSize = (slots: Slots, table: number): number => {
  const list = slots.next(table);
  if (slots.kind(list) !== LIST) throw new HeapFormatError(`slot ${table} has no list`);
  const size = slots.next(list);
  const entries = slots.integer(size);
  if (slots.kind(size) !== INTEGER || entries < 0) {
    throw new HeapFormatError(`the list of slot ${table} has no size`);
  }
  return entries;
};

/**
 * The least `initialHeapCount` with which the engine can load a snapshot.
 *
 * @throws HeapFormatError if the bytes are no snapshot, or end early.
 */
export const countSlotsNeeded = (pieces: readonly Buffer[]): number => {
  const walk = makeAtomWalk();
  for (const piece of pieces) walk.pass(piece);
  const place = walk.end().get('HEAP');
  if (!place) throw new HeapFormatError('it has no HEAP');
  const slots = makeSlots(pieces, place);
  let entries = 0;
  for (let index = 1; index <= slots.count; index += 1) {
    const kind = slots.kind(index);
    if (kind === MAP || kind === SET) entries += readSize(slots, index);
  }
  return slots.count + entries + SLOTS_OF_ENGINE;
};
