/** Snapshots made by hand: the layout that the engine writes, with little in it. */

export const ATOM_NAMES = ['VERS', 'SIGN', 'CREA', 'BLOC', 'HEAP', 'STAC', 'KEYS', 'NAME', 'SYMB'];

export interface SnapshotParts {
  readonly version?: readonly number[];
  readonly signature?: string;
  readonly slots?: number;
  /** The twelve sizes. */
  readonly creation?: readonly number[];
  readonly heap?: readonly Buffer[];
  /** Other names of atoms, by index. */
  readonly names?: Readonly<Record<number, string>>;
}

const slot = (kind: number, next: number, integer: number): Buffer => {
  const bytes = Buffer.alloc(32);
  bytes.writeInt32LE(next, 0);
  bytes[8] = kind;
  bytes.writeInt32LE(integer, 16);
  return bytes;
};

/** A map of some size: its table at `first`, its list, and its size. */
export const mapSlots = (first: number, size: number): Buffer[] => [
  slot(27, first + 1, 0),
  slot(45, first + 2, 0),
  slot(3, 0, size),
];

const int32s = (values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeInt32LE(value, 4 * index));
  return bytes;
};

const atom = (name: string, body: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(8 + body.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.write(name, 4, 'latin1');
  bytes.set(body, 8);
  return bytes;
};

export const makeSnapshot = ({
  version = [13, 3, 0, 32],
  signature = 'xsnap 1',
  slots = 262_144,
  creation = [2 ** 25, 2 ** 22, slots, 2 ** 17, 4096, 32_000, 8000, 1993, 127, 2 ** 23, 1993, 0],
  heap = mapSlots(1, 3),
  names = {},
}: SnapshotParts): Buffer => {
  const bodies = [
    Buffer.from(version),
    Buffer.from(signature),
    int32s([...creation, 7, 7]),
    Buffer.alloc(100, 'chunks'),
    Buffer.concat(heap),
    Buffer.alloc(64),
    Buffer.alloc(16),
    Buffer.alloc(8),
    Buffer.alloc(8),
  ];
  const atoms = Buffer.concat(
    bodies.map((body, index) => atom(names[index] ?? ATOM_NAMES[index] ?? '', body)),
  );
  const header = atom('XS_M', Buffer.alloc(0));
  // As the engine has it: without the two counters after the sizes.
  header.writeUInt32BE(atoms.length, 0);
  return Buffer.concat([header, atoms]);
};
