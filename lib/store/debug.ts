import type Database from 'better-sqlite3';
import type { BundleRow } from './bundle-codec.js';
import type { StoreDatabase } from './database.js';

export interface DumpedSnapshot {
  readonly snapPos: number;
  readonly hash: string;
  readonly compressedSnapshot: Buffer | null;
  readonly inUse: 0 | 1;
}

export interface StoreDump {
  readonly kvEntries: Record<string, string>;
  /** Items by vatID and position. */
  readonly transcripts: Record<string, Record<number, string>>;
  readonly snapshots: Record<string, DumpedSnapshot[]>;
  /** The stored bytes in base64. */
  readonly bundles: Record<string, string>;
}

/** Access to all contents, for specs and debuggers. Kernels don't use it. */
export interface DebugFacet {
  /** The whole store with uncommitted changes, for `initSwingStore(null, { serialized })`. */
  serialize(): Buffer;
  /** All contents, in memory. Without history: only current spans and snapshots in use. */
  dump(includeHistorical?: boolean): StoreDump;
  getDatabase(): Database.Database;
}

interface SnapshotRow extends Omit<DumpedSnapshot, 'inUse'> {
  readonly vatID: string;
  readonly inUse: 1 | null;
}

const groupInto = <T>(groups: Record<string, T>, key: string, make: () => T): T =>
  (groups[key] ??= make());

const dump = (db: Database.Database, includeHistorical: boolean): StoreDump => {
  const kvEntries = Object.fromEntries(
    db.prepare<[], [string, string]>('SELECT key, value FROM kvStore ORDER BY key').raw().all(),
  );
  const transcripts: StoreDump['transcripts'] = {};
  const items = db.prepare<[], { vatID: string; position: number; item: string }>(
    includeHistorical
      ? 'SELECT vatID, position, item FROM transcriptItems ORDER BY vatID, position'
      : `SELECT vatID, position, item FROM transcriptItems JOIN transcriptSpans USING (vatID)
           WHERE isCurrent = 1 AND position >= startPos AND position < endPos
           ORDER BY vatID, position`,
  );
  for (const { vatID, position, item } of items.iterate()) {
    groupInto<Record<number, string>>(transcripts, vatID, () => ({}))[position] = item;
  }
  const snapshots: StoreDump['snapshots'] = {};
  const rows = db.prepare<[], SnapshotRow>(
    `SELECT vatID, snapPos, hash, compressedSnapshot, inUse FROM snapshots
       ${includeHistorical ? '' : 'WHERE inUse = 1'} ORDER BY vatID, snapPos`,
  );
  for (const { vatID, snapPos, hash, compressedSnapshot, inUse } of rows.iterate()) {
    groupInto<DumpedSnapshot[]>(snapshots, vatID, () => []).push({
      snapPos,
      hash,
      compressedSnapshot,
      inUse: inUse ?? 0,
    });
  }
  const bundles: StoreDump['bundles'] = {};
  const bundleRows = db.prepare<[], { bundleID: string; bundle: BundleRow }>(
    'SELECT bundleID, bundle FROM bundles ORDER BY bundleID',
  );
  for (const { bundleID, bundle } of bundleRows.iterate()) {
    bundles[bundleID] = Buffer.from(bundle as Buffer).toString('base64');
  }
  return { kvEntries, transcripts, snapshots, bundles };
};

export const makeDebugFacet = (db: StoreDatabase): DebugFacet => ({
  serialize: () => db.guard(() => db.raw.serialize()),
  dump: (includeHistorical = true) => db.guard(() => dump(db.raw, includeHistorical)),
  getDatabase: () => db.raw,
});
