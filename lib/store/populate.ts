/**
 * Fills in records of a store with the contents of artifacts, and checks each against its record's
 * hash as it streams in. Memory holds one snapshot, one bundle or one page of a span at a time.
 */
import { errorText, quoteValue } from '../errors.js';
import { verifyBundleRow } from './bundle-codec.js';
import type { StoreDatabase } from './database.js';
import { StoreImportError } from './errors.js';
import { bundleName, parseArtifactName } from './export-names.js';
import type { ArtifactRef, SnapshotRecord, SpanRecord } from './export-names.js';
import { readLines } from './lines.js';
import { MAX_SNAPSHOT_BYTES, packSnapshot, type SnapshotPacking } from './snapshot-codec.js';
import { SPAN_COLUMNS, toSpanRecord } from './span-reader.js';
import type { SpanRow } from './span-reader.js';
import { EMPTY_SPAN_HASH, extendSpanHash } from './transcript-hash.js';

export interface PopulateOptions {
  readonly packing: SnapshotPacking;
  readonly wantsSpan: (span: SpanRecord) => boolean;
  readonly wantsSnapshot: (snapshot: SnapshotRecord) => boolean;
}

/** Stores one artifact. Returns false, without calling `open`, if it is not wanted. */
export type Populate = (name: string, open: () => AsyncIterable<Uint8Array>) => Promise<boolean>;

/** Bundles of a large chain's contracts have a few megabytes. */
const MAX_BUNDLE_BYTES = 2 ** 28;

/** Limits an artifact whose record does not tell its length. */
async function* bounded(
  name: string,
  source: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncIterableIterator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > limit) {
      throw new StoreImportError(`artifact ${name}: it is longer than ${limit} bytes`);
    }
    yield chunk;
  }
}

const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** What an exporter's name stands for. It chose the name, so a wrong one is a fault of the export. */
const refOf = (name: string): ArtifactRef => {
  try {
    return parseArtifactName(name);
  } catch (cause) {
    throw new StoreImportError(`artifact ${quoteValue(name)}: ${errorText(cause)}`, { cause });
  }
};

export const makePopulate = (
  db: StoreDatabase,
  { packing, wantsSpan, wantsSnapshot }: PopulateOptions,
): Populate => {
  const sqlSpan = db.prepare<SpanRow>(
    `SELECT ${SPAN_COLUMNS} FROM transcriptSpans
       WHERE vatID = ? AND startPos = ? AND endPos = ?`,
  );
  const sqlAddItem = db.prepare(
    'INSERT OR IGNORE INTO transcriptItems (vatID, position, item, incarnation) VALUES (?, ?, ?, ?)',
  );
  const sqlSnapshot = db.prepare<{ hash: string; inUse: 1 | null }>(
    'SELECT hash, inUse FROM snapshots WHERE vatID = ? AND snapPos = ?',
  );
  const sqlSetSnapshot = db.prepare(
    `UPDATE snapshots SET uncompressedSize = ?, compressedSize = ?, compressedSnapshot = ?
       WHERE vatID = ? AND snapPos = ?`,
  );
  const sqlHasBundle = db.prepare('SELECT 1 FROM bundles WHERE bundleID = ?', { pluck: true });
  const sqlSetBundle = db.prepare('UPDATE bundles SET bundle = ? WHERE bundleID = ?');

  const populateSpan = async (
    name: string,
    span: SpanRecord,
    source: AsyncIterable<Uint8Array>,
  ): Promise<void> => {
    let position = span.startPos;
    let hash = EMPTY_SPAN_HASH;
    const fail = (detail: string): Error => new StoreImportError(`artifact ${name}: ${detail}`);
    for await (const item of readLines(source, fail)) {
      if (position >= span.endPos) {
        throw new StoreImportError(`artifact ${name}: it has more items than its record says`);
      }
      if (sqlAddItem.run(span.vatID, position, item, span.incarnation) === 0) {
        throw fail(`its item ${position} belongs to another span as well`);
      }
      hash = extendSpanHash(hash, item);
      position += 1;
    }
    if (position !== span.endPos || hash !== span.hash) {
      throw new StoreImportError(
        `artifact ${name}: it has ${position - span.startPos} items with hash ${hash}; its record says ${span.endPos - span.startPos} with ${span.hash}`,
      );
    }
  };

  const populateBundle = async (
    bundleID: string,
    source: AsyncIterable<Uint8Array>,
  ): Promise<void> => {
    const bytes = await collect(bounded(bundleName(bundleID), source, MAX_BUNDLE_BYTES));
    const row = bundleID.startsWith('b0-') ? bytes.toString() : bytes;
    verifyBundleRow(bundleID, row);
    sqlSetBundle.run(row, bundleID);
  };

  return async (name, open) => {
    const ref = refOf(name);
    const noRecord = (): StoreImportError =>
      new StoreImportError(`artifact ${name}: the export data has no record of it`);
    switch (ref.kind) {
      case 'transcript': {
        const row = sqlSpan.get(ref.vatID, ref.startPos, ref.endPos);
        if (row === undefined) {
          throw noRecord();
        }
        const span = toSpanRecord(row);
        if (!wantsSpan(span)) {
          return false;
        }
        await populateSpan(name, span, open());
        return true;
      }
      case 'snapshot': {
        const { vatID, snapPos } = ref;
        const row = sqlSnapshot.get(vatID, snapPos);
        if (row === undefined) {
          throw noRecord();
        }
        if (!wantsSnapshot({ vatID, snapPos, hash: row.hash, inUse: row.inUse ?? 0 })) {
          return false;
        }
        const { hash, uncompressedSize, compressed } = await packSnapshot(
          bounded(name, open(), MAX_SNAPSHOT_BYTES),
          packing,
        );
        if (hash !== row.hash) {
          throw new StoreImportError(
            `artifact ${name}: it has hash ${hash}; its record says ${row.hash}`,
          );
        }
        sqlSetSnapshot.run(uncompressedSize, compressed.byteLength, compressed, vatID, snapPos);
        return true;
      }
      case 'bundle':
        if (sqlHasBundle.get(ref.bundleID) === undefined) {
          throw noRecord();
        }
        await populateBundle(ref.bundleID, open());
        return true;
      default:
        return ref satisfies never;
    }
  };
};
