/** Lists the records of a store (spans, snapshots, bundles) in export order. */
import { bundleName, snapshotName } from './export-names.js';
import type { SnapshotRecord, SpanRecord } from './export-names.js';
import { readPages } from './reader.js';
import type { StoreReader } from './reader.js';
import { insistRecord } from './record-shapes.js';
import { SPAN_COLUMNS, toSpanRecord } from './span-reader.js';
import type { SpanRow } from './span-reader.js';

export interface HeldSnapshot extends SnapshotRecord {
  /** Whether the store has its bytes. */
  readonly populated: boolean;
}

export interface HeldBundle {
  readonly bundleID: string;
  readonly populated: boolean;
  /** Of the stored contents; null for a bundle that is not populated. */
  readonly bytes: number | null;
}

export interface Inventory {
  /** All spans, by vatID and position. */
  spans(): IterableIterator<SpanRecord>;
  /** The spans of one vat, by position. */
  spansOf(vatID: string): IterableIterator<SpanRecord>;
  /** Whether a span has as many items as its record says. A pruned span has none. */
  isWhole(span: SpanRecord): boolean;
  /** Whether the store has any of a span's items. */
  isPopulated(span: SpanRecord): boolean;
  /** All snapshots: those in use first, each group by vatID and position. */
  snapshots(): IterableIterator<HeldSnapshot>;
  /** The snapshots of one vat, by position. */
  snapshotsOf(vatID: string): IterableIterator<HeldSnapshot>;
  /** All bundles, by ID. */
  bundles(): IterableIterator<HeldBundle>;
  /** Maps vatID to current incarnation, for vats that have a current span. */
  currentIncarnations(): Map<string, number>;
}

interface SnapshotRow {
  readonly vatID: string;
  readonly snapPos: number;
  readonly hash: string;
  readonly populated: number;
}

/** @throws StoreDamagedError */
const held = (row: SnapshotRow): Omit<HeldSnapshot, 'inUse'> => {
  insistRecord(snapshotName(row.vatID, row.snapPos), row);
  const { vatID, snapPos, hash } = row;
  return { vatID, snapPos, hash, populated: row.populated === 1 };
};

const PAGE = 500;
const SNAPSHOT_COLUMNS = 'vatID, snapPos, hash, compressedSnapshot IS NOT NULL AS populated';
export const makeInventory = (reader: StoreReader): Inventory => {
  const sqlSpans = reader.prepare<SpanRow>(
    `SELECT ${SPAN_COLUMNS} FROM transcriptSpans
       WHERE (vatID, startPos) > (?, ?) ORDER BY vatID, startPos LIMIT ${PAGE}`,
  );
  const sqlSpansOf = reader.prepare<SpanRow>(
    `SELECT ${SPAN_COLUMNS} FROM transcriptSpans
       WHERE vatID = ? AND startPos > ? ORDER BY startPos LIMIT ${PAGE}`,
  );
  const sqlSnapshotsOf = reader.prepare<SnapshotRow & { inUse: 1 | null }>(
    `SELECT ${SNAPSHOT_COLUMNS}, inUse FROM snapshots
       WHERE vatID = ? AND snapPos > ? ORDER BY snapPos LIMIT ${PAGE}`,
  );
  const sqlCount = reader.prepare<number>(
    'SELECT count(*) FROM transcriptItems WHERE vatID = ? AND position >= ? AND position < ?',
    { pluck: true },
  );
  const sqlAnyItem = reader.prepare<number>(
    'SELECT 1 FROM transcriptItems WHERE vatID = ? AND position >= ? AND position < ? LIMIT 1',
    { pluck: true },
  );
  const sqlSnapshotsInUse = reader.prepare<SnapshotRow>(
    `SELECT ${SNAPSHOT_COLUMNS} FROM snapshots WHERE inUse = 1 ORDER BY vatID`,
  );
  const sqlOldSnapshots = reader.prepare<SnapshotRow>(
    `SELECT ${SNAPSHOT_COLUMNS} FROM snapshots
       WHERE inUse IS NULL AND (vatID, snapPos) > (?, ?) ORDER BY vatID, snapPos LIMIT ${PAGE}`,
  );
  // octet_length() needs no contents, only their header.
  const sqlBundles = reader.prepare<Pick<HeldBundle, 'bundleID' | 'bytes'>>(
    `SELECT bundleID, octet_length(bundle) AS bytes FROM bundles
       WHERE bundleID > ? ORDER BY bundleID LIMIT ${PAGE}`,
  );
  const sqlCurrent = reader.prepare<{ vatID: string; incarnation: number }>(
    'SELECT vatID, incarnation FROM transcriptSpans WHERE isCurrent = 1',
  );

  function* spans(): IterableIterator<SpanRecord> {
    for (const row of readPages(sqlSpans, ['', -1], ({ vatID, startPos }) => [vatID, startPos])) {
      yield toSpanRecord(row);
    }
  }
  function* spansOf(vatID: string): IterableIterator<SpanRecord> {
    for (const row of readPages(sqlSpansOf, [vatID, -1], ({ startPos }) => [vatID, startPos])) {
      yield toSpanRecord(row);
    }
  }
  function* snapshotsOf(vatID: string): IterableIterator<HeldSnapshot> {
    const rows = readPages(sqlSnapshotsOf, [vatID, -1], ({ snapPos }) => [vatID, snapPos]);
    for (const row of rows) {
      yield { ...held(row), inUse: row.inUse ?? 0 };
    }
  }
  function* snapshots(): IterableIterator<HeldSnapshot> {
    for (const row of sqlSnapshotsInUse.all()) {
      yield { ...held(row), inUse: 1 };
    }
    const old = readPages(sqlOldSnapshots, ['', -1], ({ vatID, snapPos }) => [vatID, snapPos]);
    for (const row of old) {
      yield { ...held(row), inUse: 0 };
    }
  }
  function* bundles(): IterableIterator<HeldBundle> {
    for (const row of readPages(sqlBundles, [''], ({ bundleID }) => [bundleID])) {
      insistRecord(bundleName(row.bundleID), row);
      const { bundleID, bytes } = row;
      yield { bundleID, populated: bytes !== null, bytes };
    }
  }
  return {
    spans,
    spansOf,
    snapshotsOf,
    isWhole: ({ vatID, startPos, endPos }) =>
      sqlCount.get(vatID, startPos, endPos) === endPos - startPos,
    isPopulated: ({ vatID, startPos, endPos }) =>
      sqlAnyItem.get(vatID, startPos, endPos) !== undefined,
    snapshots,
    bundles,
    currentIncarnations: () =>
      new Map(sqlCurrent.all().map(({ vatID, incarnation }) => [vatID, incarnation])),
  };
};
