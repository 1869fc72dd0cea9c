/** Writes the records in export data to a store, or compares them with a store's own. */
import { quoteValue } from '../errors.js';
import type { StoreDatabase } from './database.js';
import { StoreImportError } from './errors.js';
import { encodeSnapshot, encodeSpan, snapshotName, spanKey } from './export-names.js';
import type { SnapshotRecord, SpanRecord } from './export-names.js';
import type { ExportLog } from './export-log.js';
import { storableText } from './hash.js';
import { parseEntry } from './import-records.js';
import type { ImportEntry } from './import-records.js';
import { openKVTable } from './kv-table.js';
import { SPAN_COLUMNS, toSpanRecord } from './span-reader.js';
import type { SpanRow } from './span-reader.js';

type ExportData = AsyncIterable<readonly [string, string | null | undefined]>;

interface RecordWriters {
  readonly addSnapshot: (record: SnapshotRecord) => void;
  readonly addSpan: (record: SpanRecord) => void;
}

const makeRecordWriters = (db: StoreDatabase): RecordWriters => {
  const sqlSnapshot = db.prepare(
    'INSERT OR REPLACE INTO snapshots (vatID, snapPos, inUse, hash) VALUES (?, ?, ?, ?)',
  );
  const sqlSpan = db.prepare(
    `INSERT OR REPLACE INTO transcriptSpans (${SPAN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  return {
    addSnapshot: ({ vatID, snapPos, inUse, hash }) => {
      sqlSnapshot.run(vatID, snapPos, inUse === 1 ? 1 : null, hash);
    },
    addSpan: ({ vatID, startPos, endPos, hash, isCurrent, incarnation }) => {
      sqlSpan.run(vatID, startPos, endPos, hash, isCurrent === 1 ? 1 : null, incarnation);
    },
  };
};

const parsePair = (pair: unknown): ImportEntry => {
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new StoreImportError(
      `export data: ${quoteValue(pair)} is not a pair of a key and a value`,
    );
  }
  return parseEntry(pair[0], pair[1]);
};

/** Fills an empty store with export data. Returns the number of entries. */
export const importMetadata = async (db: StoreDatabase, data: ExportData): Promise<number> => {
  const kvTable = openKVTable(db);
  const sqlBundle = db.prepare(
    'INSERT OR REPLACE INTO bundles (bundleID, bundle) VALUES (?, NULL)',
  );
  const { addSnapshot, addSpan } = makeRecordWriters(db);
  /** Snapshot names by vatID: from the snapshots' records, and from `snapshot.<vatID>.current`. */
  const inUse = new Map<string, string>();
  const pointers = new Map<string, string>();
  let count = 0;
  for await (const pair of data) {
    const entry = parsePair(pair);
    count += 1;
    switch (entry.kind) {
      case 'kv':
        // JSON may hold unpaired surrogates, and a host may have kept what it was told so.
        kvTable.set(
          storableText(entry.key),
          entry.value === null ? undefined : storableText(entry.value),
        );
        break;
      case 'bundle':
        sqlBundle.run(entry.bundleID);
        break;
      case 'snapshot': {
        const { vatID, snapPos } = entry.record;
        if (entry.record.inUse === 1) {
          const name = snapshotName(vatID, snapPos);
          if ((inUse.get(vatID) ?? name) !== name) {
            throw new StoreImportError(`export data: ${vatID} has two snapshots in use`);
          }
          inUse.set(vatID, name);
        }
        addSnapshot(entry.record);
        break;
      }
      case 'snapshot-in-use':
        pointers.set(entry.vatID, entry.name);
        break;
      case 'transcript':
        addSpan(entry.record);
        break;
      default:
        entry satisfies never;
    }
  }
  for (const vatID of new Set([...inUse.keys(), ...pointers.keys()])) {
    if (inUse.get(vatID) !== pointers.get(vatID)) {
      throw new StoreImportError(
        `export data: snapshot.${vatID}.current is ${pointers.get(vatID)}, but the snapshot marked as in use is ${inUse.get(vatID)}`,
      );
    }
  }
  return count;
};

/**
 * Adds the records of old spans and snapshots that an export has and the store lacks. Records that
 * both have must be equal. Only stores that were imported before swing-store kept such records need
 * it.
 * @throws StoreImportError
 */
export const repairMetadata = async (
  db: StoreDatabase,
  exportLog: ExportLog,
  data: ExportData,
): Promise<void> => {
  const sqlSnapshot = db.prepare<{ hash: string; inUse: 1 | null }>(
    'SELECT hash, inUse FROM snapshots WHERE vatID = ? AND snapPos = ?',
  );
  const sqlSpan = db.prepare<SpanRow>(
    `SELECT ${SPAN_COLUMNS} FROM transcriptSpans WHERE vatID = ? AND startPos = ?`,
  );
  const sqlBundle = db.prepare('SELECT 1 FROM bundles WHERE bundleID = ?', { pluck: true });
  const { addSnapshot, addSpan } = makeRecordWriters(db);
  const additions: (() => void)[] = [];

  const compare = (
    key: string,
    wanted: string,
    held: string | undefined,
    isOld: boolean,
  ): boolean => {
    if (held !== undefined && held !== wanted) {
      throw new StoreImportError(`repair: ${key} is ${held} here, but ${wanted} in the export`);
    }
    if (held === undefined && !isOld) {
      throw new StoreImportError(`repair: ${key} is missing here and is not a historical record`);
    }
    return held === undefined;
  };

  for await (const pair of data) {
    const entry = parsePair(pair);
    const [exportKey] = pair;
    if (entry.kind === 'bundle' && sqlBundle.get(entry.bundleID) === undefined) {
      throw new StoreImportError(`repair: bundle ${entry.bundleID} is missing here`);
    }
    if (entry.kind === 'snapshot') {
      const { record } = entry;
      const row = sqlSnapshot.get(record.vatID, record.snapPos);
      const held = row && encodeSnapshot({ ...record, hash: row.hash, inUse: row.inUse ?? 0 });
      const wanted = encodeSnapshot(record);
      if (compare(exportKey, wanted, held, record.inUse === 0)) {
        additions.push(() => {
          addSnapshot(record);
          exportLog.note(exportKey, wanted);
        });
      }
    }
    if (entry.kind === 'transcript') {
      const { record } = entry;
      const row = sqlSpan.get(record.vatID, record.startPos);
      const wanted = encodeSpan(record);
      if (
        compare(exportKey, wanted, row && encodeSpan(toSpanRecord(row)), record.isCurrent === 0)
      ) {
        additions.push(() => {
          addSpan(record);
          exportLog.note(spanKey(record), wanted);
        });
      }
    }
  }
  // Nothing is written before every comparison has passed.
  additions.forEach(add => add());
};
