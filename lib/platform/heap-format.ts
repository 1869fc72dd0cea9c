/**
 * The layout of an XS heap snapshot, as far as heap sizes need it. Source: `xsSnapshot.c` of XS 13,
 * the engine of `@agoric/xsnap` 0.15.
 *
 * A snapshot is a header and nine atoms, each with its length (big-endian, with the 8 bytes of its
 * own header) and its name. `CREA` holds the sizes that the engine allocates before it reads the
 * rest: little-endian int32 values, of which `initialHeapCount` is the third. `HEAP` holds the slots
 * in use; references between slots are indexes into it, from 1.
 */
import { HeapFormatError } from './errors.js';

export const SLOT_BYTES = 32;
export const K_SLOTS = 1024;

const HEADER = 'XS_M';
export const ATOMS = [
  'VERS',
  'SIGN',
  'CREA',
  'BLOC',
  'HEAP',
  'STAC',
  'KEYS',
  'NAME',
  'SYMB',
] as const;
export type AtomName = (typeof ATOMS)[number];

const ATOM_HEADER_BYTES = 8;

/** Versions (major, minor, patch) and the size of a slot. */
const VERSION_BYTES = 4;
const KNOWN_MAJOR_VERSION = 13;

/** Twelve sizes and two counters. */
const CREATION_BYTES = 56;
const INITIAL_CHUNK_SIZE = 0;
const INITIAL_HEAP_COUNT = 8;
const STACK_COUNT = 16;

/** A head that is longer is none: the signature is a few letters. */
const MAX_HEAD_BYTES = 1024;

/** A snapshot's bytes up to the end of `CREA`. */
export interface HeapHead {
  readonly byteLength: number;
  /** Slots of the heap that the engine allocates, with the one that it keeps for itself. */
  readonly slots: number;
  /** What the engine allocates for chunks and for its stack. */
  readonly otherBytes: number;
  /** Offset of the number of slots. */
  readonly slotsAt: number;
}

interface AtomHeader {
  readonly name: string;
  /** Without the header. */
  readonly bodyBytes: number;
}

/** @throws HeapFormatError if the length is less than the header's. */
const readHeader = (bytes: Buffer, offset: number): AtomHeader => {
  const name = bytes.toString('latin1', offset + 4, offset + ATOM_HEADER_BYTES);
  const bodyBytes = bytes.readUInt32BE(offset) - ATOM_HEADER_BYTES;
  if (bodyBytes < 0) throw new HeapFormatError(`atom ${JSON.stringify(name)} is too short`);
  return { name, bodyBytes };
};

const insistName = (actual: string, expected: string | undefined): void => {
  if (actual === expected) return;
  const found = `atom ${JSON.stringify(actual)}`;
  throw new HeapFormatError(
    expected === undefined ? `${found} follows the last one` : `${found} is not ${expected}`,
  );
};

const insistLength = ({ name, bodyBytes }: AtomHeader, expected: number): void => {
  if (bodyBytes === expected) return;
  throw new HeapFormatError(`${name} has ${bodyBytes} bytes and not ${expected}`);
};

const insistVersion = (bytes: Buffer, offset: number): void => {
  const [major, , , slotBytes] = bytes.subarray(offset, offset + VERSION_BYTES);
  if (major !== KNOWN_MAJOR_VERSION) {
    throw new HeapFormatError(
      `XS ${major} is unknown; the layout is that of ${KNOWN_MAJOR_VERSION}`,
    );
  }
  if (slotBytes !== SLOT_BYTES) {
    throw new HeapFormatError(`its slots have ${slotBytes} bytes and not ${SLOT_BYTES}`);
  }
};

const readSize = (bytes: Buffer, offset: number, what: string): number => {
  const size = bytes.readInt32LE(offset);
  if (size <= 0) throw new HeapFormatError(`${what} in CREA is ${size}`);
  return size;
};

const readCreation = (bytes: Buffer, offset: number): HeapHead => ({
  byteLength: offset + CREATION_BYTES,
  slotsAt: offset + INITIAL_HEAP_COUNT,
  slots: readSize(bytes, offset + INITIAL_HEAP_COUNT, 'initialHeapCount'),
  otherBytes:
    readSize(bytes, offset + INITIAL_CHUNK_SIZE, 'initialChunkSize') +
    readSize(bytes, offset + STACK_COUNT, 'stackCount') * SLOT_BYTES,
});

/**
 * Reads the head of a snapshot. Returns undefined if the bytes end within it.
 *
 * @throws HeapFormatError if they are no snapshot of the known layout.
 */
export const readHeapHead = (bytes: Buffer): HeapHead | undefined => {
  if (bytes.length < ATOM_HEADER_BYTES) return undefined;
  insistName(readHeader(bytes, 0).name, HEADER);
  let offset = ATOM_HEADER_BYTES;
  for (const expected of ATOMS) {
    if (bytes.length < offset + ATOM_HEADER_BYTES) break;
    const header = readHeader(bytes, offset);
    insistName(header.name, expected);
    if (expected === 'VERS') insistLength(header, VERSION_BYTES);
    if (expected === 'CREA') insistLength(header, CREATION_BYTES);
    offset += ATOM_HEADER_BYTES;
    const end = offset + header.bodyBytes;
    if (end > MAX_HEAD_BYTES)
      throw new HeapFormatError(`${expected} has ${header.bodyBytes} bytes`);
    if (bytes.length < end) break;
    if (expected === 'VERS') insistVersion(bytes, offset);
    if (expected === 'CREA') return readCreation(bytes, offset);
    offset = end;
  }
  return undefined;
};

/** A copy of a snapshot's first bytes, with another number of slots. */
export const withSlots = (bytes: Buffer, { slotsAt }: HeapHead, slots: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeInt32LE(slots, slotsAt);
  return copy;
};

export interface AtomPlace {
  readonly offset: number;
  readonly byteLength: number;
}

/** Finds the bodies of a snapshot's atoms while its bytes pass. Keeps none of them. */
export interface AtomWalk {
  /** @throws HeapFormatError at the first atom that is not the expected one. */
  pass(bytes: Uint8Array): void;
  /** @throws HeapFormatError if the snapshot is not complete. */
  end(): ReadonlyMap<AtomName, AtomPlace>;
}

export const makeAtomWalk = (): AtomWalk => {
  const places = new Map<AtomName, AtomPlace>();
  const names = [HEADER, ...ATOMS].values();
  const header = Buffer.alloc(ATOM_HEADER_BYTES);
  let headerBytes = 0;
  let bodyLeft = 0;
  let offset = 0;

  const beginAtom = (): void => {
    headerBytes = 0;
    const { name, bodyBytes } = readHeader(header, 0);
    const next = names.next();
    insistName(name, next.done === true ? undefined : next.value);
    // The header's length is that of the whole snapshot.
    if (name === HEADER) return;
    places.set(name as AtomName, { offset, byteLength: bodyBytes });
    bodyLeft = bodyBytes;
  };

  return {
    pass: bytes => {
      for (let at = 0; at < bytes.length;) {
        const step = Math.min(bytes.length - at, bodyLeft || ATOM_HEADER_BYTES - headerBytes);
        if (bodyLeft > 0) bodyLeft -= step;
        else {
          header.set(bytes.subarray(at, at + step), headerBytes);
          headerBytes += step;
        }
        at += step;
        offset += step;
        if (headerBytes === ATOM_HEADER_BYTES) beginAtom();
      }
    },
    end: () => {
      if (bodyLeft > 0 || headerBytes > 0 || places.size < ATOMS.length) {
        throw new HeapFormatError(
          `it ends after ${offset} bytes, within ${[...places.keys()].at(-1) ?? HEADER}`,
        );
      }
      return places;
    },
  };
};
