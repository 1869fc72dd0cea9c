/**
 * Heap snapshots of vats.
 *
 * Invariants:
 * 1. At most one snapshot of each vat is in use: the one saved last.
 * 2. A snapshot in use has bytes. A row without bytes was pruned and is kept for its hash.
 */
import { performance } from 'node:perf_hooks';
import type { ArchiveSnapshot } from './options.js';
import {
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
import { packSnapshot, unpackSnapshot } from './snapshot-codec.js';
import type { SnapshotPacking, StoredSnapshot } from './snapshot-codec.js';
import type { SnapStore, SnapshotInfo } from './types.js';

export interface SnapStorePowers {
  readonly db: StoreDatabase;
  readonly exportLog: ExportLog;
  /** Keep the bytes of snapshots that are no longer in use (default false). */
  readonly keepSnapshots: boolean;
  readonly archive: ArchiveSnapshot | undefined;
  readonly packing: SnapshotPacking;
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
}: SnapStorePowers): SnapStore => {
  const sqlInUse = db.prepare<SnapshotInfo>(
    'SELECT snapPos, hash, uncompressedSize, compressedSize FROM snapshots WHERE vatID = ? AND inUse = 1',
  );
  const sqlBytes = db.prepare<Buffer | null>(
    'SELECT compressedSnapshot FROM snapshots WHERE vatID = ? AND snapPos = ?',
    { pluck: true },
  );
  const sqlRetire = db.prepare(
    keepSnapshots
      ? 'UPDATE snapshots SET inUse = NULL WHERE vatID = ? AND inUse = 1'
      : 'UPDATE snapshots SET inUse = NULL, compressedSnapshot = NULL WHERE vatID = ? AND inUse = 1',
  );
  const sqlSave = db.prepare(
    `INSERT OR REPLACE INTO snapshots
      (vatID, snapPos, inUse, hash, uncompressedSize, compressedSize, compressedSnapshot)
      VALUES (?, ?, 1, ?, ?, ?, ?)`,
  );
  const sqlByHash = db.prepare<SnapshotRow>(
    'SELECT snapPos, hash, inUse FROM snapshots WHERE vatID = ? AND hash = ?',
  );
  const sqlLatest = db.prepare<SnapshotRow>(
    'SELECT snapPos, hash, inUse FROM snapshots WHERE vatID = ? ORDER BY snapPos DESC LIMIT ?',
  );
  const sqlUnused = db.prepare<SnapshotRow & { vatID: string }>(
    'SELECT vatID, snapPos, hash, inUse FROM snapshots WHERE inUse IS NULL',
  );
  const sqlDelete = db.prepare('DELETE FROM snapshots WHERE vatID = ? AND snapPos = ?');

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
    note(vatID, last.snapPos, last.hash, 0);
    return true;
  };

  const remove = (vatID: string, { snapPos, inUse }: SnapshotRow): void => {
    sqlDelete.run(vatID, snapPos);
    exportLog.note(snapshotName(vatID, snapPos), null);
    if (inUse !== null) {
      exportLog.note(currentSnapshotKey(vatID), null);
    }
  };

  const readInUse = (vatID: string): { name: string; stored: StoredSnapshot } => {
    const info = inUse(vatID);
    if (info === undefined) {
      throw new StoreMissingError(`snapshot of ${vatID}`, 'the vat has no snapshot in use');
    }
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
      const { name, stored } = readInUse(vatID);
      return unpackSnapshot(name, stored);
    } catch (error) {
      return failingStream(error);
    }
  };

  const snapStore: SnapStore = {
    loadSnapshot,
    saveSnapshot: async (vatID, snapPos, snapshotStream) => {
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
      const compressedSize = compressed.byteLength;
      sqlSave.run(vatID, snapPos, hash, uncompressedSize, compressedSize, compressed);
      note(vatID, snapPos, hash, 1);
      exportLog.note(currentSnapshotKey(vatID), snapshotName(vatID, snapPos));
      return {
        hash,
        uncompressedSize,
        compressedSize,
        dbSaveSeconds: seconds(saveStart),
        compressSeconds,
        ...(archiveWriteSeconds !== undefined && { archiveWriteSeconds }),
      };
    },
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
