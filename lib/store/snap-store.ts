/**
 * Heap snapshots of vats.
 *
 * Invariants:
 * 1. At most one snapshot of each vat is in use: the one saved last.
 * 2. A snapshot in use has bytes, in its row or staged. A row without bytes was pruned and is kept for
 *    its hash.
 */
import { performance } from 'node:perf_hooks';
import type { ArchiveSnapshot } from './options.js';
import {
  bytesArgument,
  checkArgument,
  checkArguments,
  positionArgument,
  streamArgument,
  stringArgument,
  vatIDArgument,
} from './arguments.js';
import { UNLIMITED, readBudget } from './budget.js';
import type { StoreDatabase } from './database.js';
import { StoreDamagedError, StoreMissingError } from './errors.js';
import type { ExportLog } from './export-log.js';
import { currentSnapshotKey, encodeSnapshot, snapshotName } from './export-names.js';
import { insistRecord } from './record-shapes.js';
import { hashOfChunks, packSnapshot, unpackSnapshot } from './snapshot-codec.js';
import type { SnapshotPacking, StoredSnapshot } from './snapshot-codec.js';
import type { StagedSnapshots } from './staged-snapshots.js';
import { streamOf } from './stream-of.js';
import type { SnapStore, SnapshotInfo } from './types.js';

export interface SnapStorePowers {
  readonly db: StoreDatabase;
  readonly exportLog: ExportLog;
  /** Keep the bytes of snapshots that are no longer in use (default false). */
  readonly keepSnapshots: boolean;
  readonly archive: ArchiveSnapshot | undefined;
  readonly packing: SnapshotPacking;
  readonly staged: StagedSnapshots;
}

interface SnapshotRow {
  readonly snapPos: number;
  readonly hash: string;
  readonly inUse: 1 | null;
}

// eslint-disable-next-line require-yield -- the stream fails before it has a chunk
async function* failingStream(error: unknown): AsyncIterableIterator<Uint8Array> {
  throw error;
}

const seconds = (start: number): number => (performance.now() - start) / 1000;

export const makeSnapStore = ({
  db,
  exportLog,
  keepSnapshots,
  archive,
  packing,
  staged,
}: SnapStorePowers): SnapStore => {
  const prepare = <Row>(sql: string, pluck = false) =>
    db.prepare<Row>(sql, { pluck, keepsWrites: true });
  const sqlInUse = prepare<SnapshotInfo>(
    'SELECT snapPos, hash, uncompressedSize, compressedSize FROM snapshots WHERE vatID = ? AND inUse = 1',
  );
  const sqlBytes = prepare<Buffer | null>(
    'SELECT compressedSnapshot FROM snapshots WHERE vatID = ? AND snapPos = ?',
    true,
  );
  const sqlRetire = prepare(
    keepSnapshots
      ? 'UPDATE snapshots SET inUse = NULL WHERE vatID = ? AND inUse = 1'
      : 'UPDATE snapshots SET inUse = NULL, compressedSnapshot = NULL WHERE vatID = ? AND inUse = 1',
  );
  const sqlSave = prepare(
    `INSERT OR REPLACE INTO snapshots
      (vatID, snapPos, inUse, hash, uncompressedSize, compressedSize, compressedSnapshot)
      VALUES (?, ?, 1, ?, ?, ?, ?)`,
  );
  const sqlByHash = prepare<SnapshotRow>(
    'SELECT snapPos, hash, inUse FROM snapshots WHERE vatID = ? AND hash = ?',
  );
  const sqlLatest = prepare<SnapshotRow>(
    'SELECT snapPos, hash, inUse FROM snapshots WHERE vatID = ? ORDER BY snapPos DESC LIMIT ?',
  );
  const sqlUnused = prepare<SnapshotRow & { vatID: string }>(
    'SELECT vatID, snapPos, hash, inUse FROM snapshots WHERE inUse IS NULL',
  );
  const sqlDelete = prepare('DELETE FROM snapshots WHERE vatID = ? AND snapPos = ?');

  /** @throws StoreDamagedError */
  const inUse = (vatID: string): SnapshotInfo | undefined => {
    const info = sqlInUse.get(vatID);
    return info && insistRecord(snapshotName(vatID, info.snapPos), info);
  };

  const note = (vatID: string, snapPos: number, hash: string, inUse: 0 | 1): void =>
    exportLog.note(snapshotName(vatID, snapPos), encodeSnapshot({ vatID, snapPos, hash, inUse }));

  const retire = (vatID: string): boolean => {
    const last = inUse(vatID);
    if (last === undefined) {
      return false;
    }
    sqlRetire.run(vatID);
    if (!keepSnapshots) staged.drop(vatID, last.snapPos);
    note(vatID, last.snapPos, last.hash, 0);
    return true;
  };

  const remove = (vatID: string, { snapPos, inUse }: SnapshotRow): void => {
    sqlDelete.run(vatID, snapPos);
    staged.drop(vatID, snapPos);
    exportLog.note(snapshotName(vatID, snapPos), null);
    if (inUse !== null) {
      exportLog.note(currentSnapshotKey(vatID), null);
    }
  };

  const requireInUse = (vatID: string): SnapshotInfo => {
    const info = inUse(vatID);
    if (info === undefined) {
      throw new StoreMissingError(`snapshot of ${vatID}`, 'the vat has no snapshot in use');
    }
    return info;
  };

  const readStored = (
    vatID: string,
    info: SnapshotInfo,
  ): { name: string; stored: StoredSnapshot } => {
    const name = snapshotName(vatID, info.snapPos);
    const compressed = sqlBytes.get(vatID, info.snapPos);
    if (!Buffer.isBuffer(compressed)) {
      throw new StoreDamagedError(name, 'it is in use but its bytes are missing');
    }
    const { hash, uncompressedSize } = info;
    return { name, stored: { compressed, hash, uncompressedSize } };
  };

  /** Reads the snapshot that is in use now. As in swing-store, errors come with the first chunk. */
  const loadSnapshot = (vatID: string): AsyncIterableIterator<Uint8Array> => {
    try {
      const info = requireInUse(vatID);
      const chunks = staged.chunksOf(vatID, info.snapPos);
      if (chunks) return streamOf(chunks);
      const { name, stored } = readStored(vatID, info);
      return unpackSnapshot(name, stored);
    } catch (error) {
      return failingStream(error);
    }
  };

  /** The snapshot in use is the vat's only one. */
  const use = (vatID: string, snapPos: number, hash: string): void => {
    note(vatID, snapPos, hash, 1);
    exportLog.note(currentSnapshotKey(vatID), snapshotName(vatID, snapPos));
  };

  const saveSnapshot: SnapStore['saveSnapshot'] = async (vatID, snapPos, snapshotStream) => {
    // Checked here and not by `checkArguments`, so that a wrong argument rejects the promise.
    checkArgument('snapStore.saveSnapshot', vatIDArgument, vatID);
    checkArgument('snapStore.saveSnapshot', positionArgument('snapPos'), snapPos);
    checkArgument('snapStore.saveSnapshot', streamArgument('snapshotStream'), snapshotStream);
    const compressStart = performance.now();
    const { hash, uncompressedSize, compressed } = await packSnapshot(snapshotStream, packing);
    const compressSeconds = seconds(compressStart);
    // No write before the last await: all writes fall under the caller's current savepoint.
    const archiveStart = performance.now();
    if (archive !== undefined) {
      await archive(snapshotName(vatID, snapPos), compressed);
    }
    const archiveWriteSeconds = archive && seconds(archiveStart);
    const saveStart = performance.now();
    retire(vatID);
    // Else the bytes of a staged one with the same position would come over these.
    staged.drop(vatID, snapPos);
    const compressedSize = compressed.byteLength;
    sqlSave.run(vatID, snapPos, hash, uncompressedSize, compressedSize, compressed);
    use(vatID, snapPos, hash);
    return {
      hash,
      uncompressedSize,
      compressedSize,
      dbSaveSeconds: seconds(saveStart),
      compressSeconds,
      ...(archiveWriteSeconds !== undefined && { archiveWriteSeconds }),
    };
  };

  const stageSnapshot: SnapStore['stageSnapshot'] = async (vatID, snapPos, chunks) => {
    if (archive !== undefined) {
      // The archive gets each snapshot, also one that is replaced before the commit.
      const saved = await saveSnapshot(vatID, snapPos, streamOf(chunks));
      return { ...saved, packed: Promise.resolve(undefined) };
    }
    checkArgument('snapStore.stageSnapshot', vatIDArgument, vatID);
    checkArgument('snapStore.stageSnapshot', positionArgument('snapPos'), snapPos);
    for (const chunk of chunks) checkArgument('snapStore.stageSnapshot', bytesArgument, chunk);
    const hash = await hashOfChunks(chunks);
    await staged.makeRoom();
    // No write before the last await: all writes fall under the caller's current savepoint.
    const saveStart = performance.now();
    retire(vatID);
    const uncompressedSize = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    sqlSave.run(vatID, snapPos, hash, uncompressedSize, null, null);
    const packed = staged.add({ vatID, snapPos, chunks });
    use(vatID, snapPos, hash);
    return {
      ...{ hash, uncompressedSize, compressedSize: null, compressSeconds: null, packed },
      dbSaveSeconds: seconds(saveStart),
    };
  };

  const snapStore: SnapStore = {
    loadSnapshot,
    saveSnapshot,
    stageSnapshot,
    getSnapshotInfo: inUse,
    hasHash: (vatID, hash) => sqlByHash.get(vatID, hash) !== undefined,
    stopUsingLastSnapshot: vatID => {
      if (retire(vatID)) {
        exportLog.note(currentSnapshotKey(vatID), null);
      }
    },
    deleteAllUnusedSnapshots: () => {
      for (const row of sqlUnused.all()) {
        remove(row.vatID, row);
      }
    },
    deleteVatSnapshots: (vatID, budget) => {
      const limit = readBudget(budget);
      const rows = sqlLatest.all(vatID, limit);
      for (const row of rows) {
        remove(vatID, row);
      }
      if (limit === UNLIMITED) {
        // Even if none was in use: swing-store does this, and hosts may compare announcements.
        exportLog.note(currentSnapshotKey(vatID), null);
      }
      return { done: sqlLatest.get(vatID, 1) === undefined, cleanups: rows.length };
    },
    deleteSnapshotByHash: (vatID, hash) => {
      for (const row of sqlByHash.all(vatID, hash)) {
        remove(vatID, row);
      }
    },
  };
  return checkArguments('snapStore', snapStore, {
    loadSnapshot: [vatIDArgument],
    getSnapshotInfo: [vatIDArgument],
    hasHash: [vatIDArgument, stringArgument('hash')],
    stopUsingLastSnapshot: [vatIDArgument],
    deleteVatSnapshots: [vatIDArgument],
    deleteSnapshotByHash: [vatIDArgument, stringArgument('hash')],
  });
};
