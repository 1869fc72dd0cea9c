/** Derives the export data of one key from the store's present tables. */
import {
  bundleName,
  currentSnapshotKey,
  currentSpanKey,
  encodeSnapshot,
  encodeSpan,
  snapshotName,
} from './export-names.js';
import { isConsensusKey } from './kv-store.js';
import { insistTextValue } from './kv-text.js';
import type { StoreReader } from './reader.js';
import { SPAN_COLUMNS, toSpanRecord } from './span-reader.js';
import type { SpanRow } from './span-reader.js';

/** The function returns a key's value: null if deleted, undefined if not a key of export data. */
export const makeExportValue = (
  reader: StoreReader,
): ((exportKey: string) => string | null | undefined) => {
  const sqlKV = reader.prepare<string>('SELECT value FROM kvStore WHERE key = ?', { pluck: true });
  const sqlBundle = reader.prepare<string>('SELECT bundleID FROM bundles WHERE bundleID = ?', {
    pluck: true,
  });
  const sqlSnapshot = reader.prepare<{ hash: string; inUse: 1 | null }>(
    'SELECT hash, inUse FROM snapshots WHERE vatID = ? AND snapPos = ?',
  );
  const sqlInUse = reader.prepare<number>(
    'SELECT snapPos FROM snapshots WHERE vatID = ? AND inUse = 1',
    { pluck: true },
  );
  const span = `SELECT ${SPAN_COLUMNS} FROM transcriptSpans`;
  const sqlOldSpan = reader.prepare<SpanRow>(
    `${span} WHERE vatID = ? AND startPos = ? AND isCurrent IS NULL`,
  );
  const sqlCurrentSpan = reader.prepare<SpanRow>(`${span} WHERE vatID = ? AND isCurrent = 1`);

  const snapshotValue = (vatID: string, snapPos: number): string | null => {
    const row = sqlSnapshot.get(vatID, snapPos);
    return row ? encodeSnapshot({ vatID, snapPos, hash: row.hash, inUse: row.inUse ?? 0 }) : null;
  };
  const spanValue = (row: SpanRow | undefined): string | null =>
    row ? encodeSpan(toSpanRecord(row)) : null;

  return exportKey => {
    const [type = '', name = '', position = ''] = exportKey.split('.', 3);
    switch (type) {
      case 'kv': {
        const key = exportKey.slice('kv.'.length);
        return isConsensusKey(key) ? (insistTextValue(key, sqlKV.get(key)) ?? null) : undefined;
      }
      case 'bundle': {
        const bundleID = exportKey.slice(bundleName('').length);
        return sqlBundle.get(bundleID) ?? null;
      }
      case 'snapshot': {
        if (exportKey !== currentSnapshotKey(name)) return snapshotValue(name, Number(position));
        const snapPos = sqlInUse.get(name);
        return snapPos === undefined ? null : snapshotName(name, snapPos);
      }
      case 'transcript':
        return spanValue(
          exportKey === currentSpanKey(name)
            ? sqlCurrentSpan.get(name)
            : sqlOldSpan.get(name, Number(position)),
        );
      default:
        return undefined;
    }
  };
};
