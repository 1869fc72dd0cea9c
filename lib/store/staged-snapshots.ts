/**
 * Snapshots whose rows have no bytes yet: they are packed while the kernel goes on, and the next
 * commit waits for them. A snapshot that another one of its vat replaces before its turn is never
 * packed.
 *
 * Invariants:
 * 1. A staged snapshot's row is in the table, in the transaction in progress.
 * 2. After `flush` no snapshot is staged, so every committed snapshot in use has its bytes.
 */
import { performance } from 'node:perf_hooks';
import type { StoreDatabase } from './database.js';
import type { CrankLayer } from './crank-layer.js';
import { LayeredMap } from './layered-map.js';
import { packChunks, packChunksAtOnce, type SnapshotPacking } from './snapshot-codec.js';

export interface PackedSize {
  readonly compressedSize: number;
  readonly compressSeconds: number;
}

export interface StagedSnapshot {
  readonly vatID: string;
  readonly snapPos: number;
  readonly chunks: readonly Uint8Array[];
}

export interface StagedSnapshots extends CrankLayer {
  /** Waits until what is staged leaves room for more. */
  makeRoom(): Promise<void>;
  /** The caller has written the row. Settles when the bytes are packed, or nobody needs them. */
  add(snapshot: StagedSnapshot): Promise<PackedSize | undefined>;
  /** The bytes of a staged snapshot. */
  chunksOf(vatID: string, snapPos: number): readonly Uint8Array[] | undefined;
  /** The row is gone, or holds no bytes any more. */
  drop(vatID: string, snapPos: number): void;
  isEmpty(): boolean;
  /** Packs what is staged, and writes it. Rows written meanwhile may be staged afterwards. */
  flush(): Promise<void>;
}

interface Entry extends StagedSnapshot {
  readonly pack: () => Promise<Buffer>;
}

/** More unpacked bytes than this wait for nobody. */
const MOST_BYTES = 256 * 1024 * 1024;

const nameOf = (vatID: string, snapPos: number): string => `${vatID}.${snapPos}`;

const sizeOf = (chunks: readonly Uint8Array[]): number =>
  chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);

export const makeStagedSnapshots = (
  db: StoreDatabase,
  packing: SnapshotPacking,
): StagedSnapshots => {
  const sqlFill = db.prepare(
    'UPDATE snapshots SET compressedSize = ?, compressedSnapshot = ? WHERE vatID = ? AND snapPos = ?',
    { keepsWrites: true },
  );
  const staged = new LayeredMap<string, Entry>();
  /** Packing in the background takes one thread, because workers need the other cores. */
  let turn = Promise.resolve();

  const isStaged = (entry: Entry): boolean =>
    staged.get(nameOf(entry.vatID, entry.snapPos)) === entry;

  const fill = (entry: Entry, packed: Buffer): void => {
    if (!isStaged(entry)) return;
    sqlFill.run(packed.byteLength, packed, entry.vatID, entry.snapPos);
    staged.delete(nameOf(entry.vatID, entry.snapPos));
  };

  const flush = async (): Promise<void> => {
    const packed = await Promise.all(
      staged.values().map(async entry => [entry, await entry.pack()] as const),
    );
    for (const [entry, bytes] of packed) fill(entry, bytes);
  };

  db.keepBack({
    table: 'snapshots',
    flush: () => {
      for (const entry of staged.values()) fill(entry, packChunksAtOnce(entry.chunks, packing));
    },
  });

  return {
    makeRoom: async () => {
      const waiting = staged.values().reduce((sum, { chunks }) => sum + sizeOf(chunks), 0);
      if (waiting > MOST_BYTES) await flush();
    },
    add: ({ vatID, snapPos, chunks }) => {
      let packed: Promise<Buffer> | undefined;
      const pack = async (): Promise<Buffer> => {
        packed ??= packChunks(chunks, packing);
        try {
          return await packed;
        } catch (error) {
          packed = undefined;
          throw error;
        }
      };
      const entry: Entry = { vatID, snapPos, chunks, pack };
      staged.set(nameOf(vatID, snapPos), entry);
      const packInTurn = async (): Promise<PackedSize | undefined> => {
        if (!isStaged(entry)) return undefined;
        const start = performance.now();
        const { byteLength: compressedSize } = await entry.pack();
        return { compressedSize, compressSeconds: (performance.now() - start) / 1000 };
      };
      const size = turn.then(packInTurn);
      // A failure is the next commit's, which tries again.
      turn = size.then(
        () => undefined,
        () => undefined,
      );
      return size;
    },
    chunksOf: (vatID, snapPos) => staged.get(nameOf(vatID, snapPos))?.chunks,
    drop: (vatID, snapPos) => staged.delete(nameOf(vatID, snapPos)),
    isEmpty: () => staged.size === 0,
    flush,
    mark: () => staged.mark(),
    rollback: depth => staged.rollback(depth),
    merge: () => staged.merge(),
  };
};
