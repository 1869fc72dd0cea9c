/** Reports what takes up space in a store, and returns free space to the file system. */
import { checkDirPath } from './options.js';
import { withExclusiveStore } from './exclusive.js';
import { openReader } from './reader.js';
import type { OpenReader } from './reader.js';
import { IMAGES_TABLE } from './schema.js';
import { resolveStoreFile, sizeOfFile } from './store-file.js';

export interface SizeCount {
  readonly count: number;
  /** Bytes of keys and values, or of stored (compressed) contents. */
  readonly bytes: number;
}

export interface VatStats {
  readonly kv: SizeCount;
  readonly currentItems: SizeCount;
  readonly oldItems: SizeCount;
  readonly snapshots: SizeCount;
}

export interface StoreStats {
  /** Bytes of the main file, of its journal, and of unused pages in the file. */
  readonly file: {
    readonly bytes: number;
    readonly journalBytes: number;
    readonly freeBytes: number;
  };
  /** Keys that belong to no vat. */
  readonly kernelKV: SizeCount;
  /** By vatID. A key counts for the vat if it starts with the vatID and a dot. */
  readonly vats: Record<string, VatStats>;
  readonly bundles: SizeCount;
  readonly images: SizeCount;
}

interface GroupRow extends SizeCount {
  readonly owner: string;
}

const NOTHING: SizeCount = { count: 0, bytes: 0 };

/** Bytes of a TEXT column as UTF-8, or of a BLOB. */
const bytesOf = (column: string): string => `length(CAST(${column} AS BLOB))`;

const total = (reader: OpenReader, table: string, column: string): SizeCount =>
  reader
    .prepare<SizeCount>(
      `SELECT count(*) AS count, coalesce(sum(length(${column})), 0) AS bytes FROM ${table}`,
    )
    .get() ?? NOTHING;

/**
 * Counts and sizes of the contents of the store in `dirPath`, as of its last commit. Scans the
 * kvStore and the transcripts once.
 * @throws NotASwingStoreError, StoreIOError, StoreDamagedError
 */
export const getStoreStats = (dirPath: string): StoreStats => {
  const reader = openReader(checkDirPath(dirPath));
  try {
    const group = (sql: string): Map<string, SizeCount> =>
      new Map(
        reader
          .prepare<GroupRow>(sql)
          .all()
          .map(({ owner, count, bytes }) => [owner, { count, bytes }]),
      );
    const items = (condition: string): Map<string, SizeCount> =>
      group(
        `SELECT item.vatID AS owner, count(*) AS count, sum(${bytesOf('item')}) AS bytes
           FROM transcriptItems AS item
           LEFT JOIN transcriptSpans AS span ON span.vatID = item.vatID AND isCurrent = 1
           WHERE ${condition} GROUP BY item.vatID`,
      );
    const kv = group(
      `SELECT CASE WHEN key GLOB 'v[0-9]*.*' THEN substr(key, 1, instr(key, '.') - 1) ELSE '' END AS owner,
         count(*) AS count, sum(${bytesOf('key')} + ${bytesOf('value')}) AS bytes
         FROM kvStore GROUP BY owner`,
    );
    const current = items('position >= span.startPos');
    const old = items('span.startPos IS NULL OR position < span.startPos');
    const snapshots = group(
      `SELECT vatID AS owner, count(*) AS count, coalesce(sum(length(compressedSnapshot)), 0) AS bytes
         FROM snapshots GROUP BY vatID`,
    );
    const vatIDs = new Set([kv, current, old, snapshots].flatMap(map => [...map.keys()]));
    vatIDs.delete('');
    const vats = Object.fromEntries(
      [...vatIDs].sort().map(vatID => [
        vatID,
        {
          kv: kv.get(vatID) ?? NOTHING,
          currentItems: current.get(vatID) ?? NOTHING,
          oldItems: old.get(vatID) ?? NOTHING,
          snapshots: snapshots.get(vatID) ?? NOTHING,
        },
      ]),
    );
    const pragma = (name: string): number =>
      reader.prepare<number>(`PRAGMA ${name}`, { pluck: true }).get() ?? 0;
    const hasImages = reader
      .prepare('SELECT 1 FROM sqlite_master WHERE name = ?')
      .get(IMAGES_TABLE);
    const file = resolveStoreFile(dirPath);
    return {
      file: {
        bytes: sizeOfFile(file),
        journalBytes: sizeOfFile(`${file}-wal`),
        freeBytes: pragma('freelist_count') * pragma('page_size'),
      },
      kernelKV: kv.get('') ?? NOTHING,
      vats,
      bundles: total(reader, 'bundles', 'bundle'),
      images: hasImages === undefined ? NOTHING : total(reader, IMAGES_TABLE, 'bytes'),
    };
  } finally {
    reader.close();
  }
};

/**
 * Returns the space of deleted rows to the file system (VACUUM). Temporarily needs about the
 * store's size in free space. A failure leaves the store as it was.
 * @returns sizes in bytes
 * @throws StoreLockedError while a writer has the store; NotASwingStoreError, StoreIOError
 */
export const compactStore = (dirPath: string): { before: number; after: number } =>
  withExclusiveStore(dirPath, (db, file) => {
    const before = sizeOfFile(file) + sizeOfFile(`${file}-wal`);
    db.guard(() => db.raw.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'));
    return { before, after: sizeOfFile(file) + sizeOfFile(`${file}-wal`) };
  });
