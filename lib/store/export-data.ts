/** Lists the export data of a store. */
import {
  bundleName,
  currentSnapshotKey,
  encodeSnapshot,
  encodeSpan,
  kvExportKey,
  snapshotName,
  spanKey,
} from './export-names.js';
import type { Inventory } from './inventory.js';
import { HOST_PREFIX, isConsensusKey } from './kv-store.js';
import { insistTextRow } from './kv-text.js';
import { readPages } from './reader.js';
import type { StoreReader } from './reader.js';

interface KVRow {
  readonly key: string;
  readonly value: string;
}

/** A host may keep as many rows as the kernel, which are not worth reading. */
const PAST_MOST_HOST_KEYS = `${HOST_PREFIX}\u{10ffff}`;

/** Each key of the export data once, with its value. */
export async function* readExportData(
  reader: StoreReader,
  inventory: Inventory,
): AsyncIterableIterator<[key: string, value: string]> {
  const page = 'ORDER BY key LIMIT 500';
  const sqlBefore = reader.prepare<KVRow>(
    `SELECT key, value FROM kvStore WHERE key > ? AND key < '${HOST_PREFIX}' ${page}`,
  );
  const sqlAfter = reader.prepare<KVRow>(`SELECT key, value FROM kvStore WHERE key > ? ${page}`);
  // Pages begin after a key, and none comes before this one.
  const empty = reader.prepare<KVRow>("SELECT key, value FROM kvStore WHERE key = ''").get();
  for (const pages of [
    empty ? [empty] : [],
    readPages(sqlBefore, [''], ({ key }) => [key]),
    readPages(sqlAfter, [PAST_MOST_HOST_KEYS], ({ key }) => [key]),
  ]) {
    for (const row of pages) {
      const { key, value } = insistTextRow(row);
      if (isConsensusKey(key)) yield [kvExportKey(key), value];
    }
  }
  for (const snapshot of inventory.snapshots()) {
    const name = snapshotName(snapshot.vatID, snapshot.snapPos);
    yield [name, encodeSnapshot(snapshot)];
    if (snapshot.inUse === 1) {
      yield [currentSnapshotKey(snapshot.vatID), name];
    }
  }
  for (const span of inventory.spans()) {
    yield [spanKey(span), encodeSpan(span)];
  }
  for (const { bundleID } of inventory.bundles()) {
    yield [bundleName(bundleID), bundleID];
  }
}
