/**
 * The checks of a verification: file, transcripts, snapshots, bundles, images, pending exports,
 * and the checksum of rows.
 */
import { quoteValue } from '../errors.js';
import type { BundleRow } from './bundle-codec.js';
import { checkStoredBundle } from './bundle-store.js';
import { StoreDamagedError } from './errors.js';
import { bundleName, imageName, snapshotName, spanArtifactName } from './export-names.js';
import type { SpanRecord } from './export-names.js';
import { makeExportValue } from './export-value.js';
import { unpackImage } from './image-store.js';
import type { HeldSnapshot, Inventory } from './inventory.js';
import { readPages } from './reader.js';
import type { StoreReader } from './reader.js';
import { findRowDamage } from './row-checksum.js';
import { IMAGES_TABLE, STORE_FILE } from './schema.js';
import { findSnapshotSource, makeSourcePowers } from './snapshot-sources.js';
import { unpackSnapshot } from './snapshot-codec.js';
import { makeSpanReader } from './span-reader.js';
import { EMPTY_SPAN_HASH } from './transcript-hash.js';
import type { StoreProblem } from './verify-types.js';

/** Receives the name of each thing before it is checked. */
type OnThing = (name: string) => void;

const FROM_ELSEWHERE = 'the same artifact of an export, a copy or another replica (--from)';
const FROM_EACH_OTHER = 'the table or the index, whichever is consistent with the rest';

const errorDetail = (error: unknown): string =>
  error instanceof StoreDamagedError
    ? error.detail
    : error instanceof Error
      ? error.message
      : String(error);

export function* checkFile(reader: StoreReader): Iterable<StoreProblem> {
  const lines = reader.prepare<string>('PRAGMA integrity_check', { pluck: true }).all();
  for (const detail of lines) {
    if (detail !== 'ok') {
      const isIndex = /\bindex\b/.test(detail);
      const remedy = isIndex ? { remedy: FROM_EACH_OTHER } : {};
      yield { kind: 'file', thing: STORE_FILE, detail, ...remedy };
    }
  }
}

/** Checks that a span follows the previous one. */
function* checkSequence(span: SpanRecord, next: SpanRecord): Iterable<StoreProblem> {
  const problem = (detail: string): StoreProblem => ({
    kind: 'transcript',
    thing: `transcript of ${span.vatID}`,
    detail,
  });
  if (span.endPos !== next.startPos) {
    yield problem(
      `span ${span.startPos}-${span.endPos} is followed by one that starts at ${next.startPos}`,
    );
  }
  if (span.isCurrent === 1) {
    yield problem(`span ${span.startPos}-${span.endPos} is current but not the last`);
  }
  if (next.incarnation < span.incarnation) {
    yield problem(`incarnation ${next.incarnation} follows ${span.incarnation}`);
  }
}

export function* checkTranscripts(
  reader: StoreReader,
  inventory: Inventory,
  onSpan: OnThing,
): Iterable<StoreProblem> {
  const spanReader = makeSpanReader(reader);
  let previous: SpanRecord | undefined;
  for (const span of inventory.spans()) {
    const thing = spanArtifactName(span);
    const problem = (detail: string): StoreProblem => ({
      kind: 'transcript',
      thing,
      detail,
      remedy: FROM_ELSEWHERE,
    });
    onSpan(thing);
    if (previous?.vatID === span.vatID) {
      yield* checkSequence(previous, span);
    }
    previous = span;
    if (span.startPos === span.endPos && span.hash !== EMPTY_SPAN_HASH) {
      yield problem('it is empty but its hash is not');
    }
    const check = spanReader.check(span);
    if (check.kind === 'damaged') {
      yield problem(check.detail);
    } else if (check.kind === 'pruned' && span.isCurrent === 1) {
      yield problem('it is current but its items are missing');
    }
  }
  const strays = reader
    .prepare<{ vatID: string; position: number }>(
      `SELECT vatID, min(position) AS position FROM transcriptItems AS item WHERE NOT EXISTS (
         SELECT 1 FROM transcriptSpans AS span WHERE span.vatID = item.vatID
           AND startPos <= position AND position < endPos
       ) GROUP BY vatID`,
    )
    .all();
  for (const { vatID, position } of strays) {
    const detail = `its item ${position} belongs to no span`;
    yield { kind: 'transcript', thing: `transcript of ${vatID}`, detail };
  }
}

/** Says what a lost snapshot can be rebuilt from. */
const snapshotRemedy = (reader: StoreReader, { vatID, snapPos, inUse }: HeldSnapshot): string => {
  const source = findSnapshotSource(makeSourcePowers(reader), vatID, snapPos);
  if (source.kind === 'none') {
    return inUse === 1
      ? `${FROM_ELSEWHERE}; or restart the vat at a new platform epoch. A replay can't rebuild it: ${source.reason}`
      : `${FROM_ELSEWHERE}; it is not in use, so it can be dropped`;
  }
  const names = source.spans.map(spanArtifactName);
  const [first, last] = [names[0], names.at(-1)];
  return `a replay of ${names.length === 1 ? first : `${first} to ${last}`}`;
};

interface SnapshotRow {
  readonly compressedSnapshot: Buffer;
  readonly uncompressedSize: number | null;
  readonly compressedSize: number | null;
}

/** @throws StoreDamagedError if the row does not match its record. */
const checkSnapshotRow = async (
  name: string,
  { compressedSnapshot, uncompressedSize, compressedSize }: SnapshotRow,
  hash: string,
): Promise<void> => {
  let bytes = 0;
  const stored = { compressed: compressedSnapshot, hash, uncompressedSize };
  for await (const chunk of unpackSnapshot(name, stored)) {
    bytes += chunk.byteLength;
  }
  if (bytes !== uncompressedSize || compressedSnapshot.byteLength !== compressedSize) {
    throw new StoreDamagedError(
      name,
      `its sizes are ${bytes} and ${compressedSnapshot.byteLength}, but ${uncompressedSize} and ${compressedSize} are recorded`,
    );
  }
};

export async function* checkSnapshots(
  reader: StoreReader,
  inventory: Inventory,
  onSnapshot: OnThing,
): AsyncIterable<StoreProblem> {
  const sqlRow = reader.prepare<SnapshotRow>(
    `SELECT compressedSnapshot, uncompressedSize, compressedSize FROM snapshots
       WHERE vatID = ? AND snapPos = ?`,
  );
  const latest = reader.prepare<number>('SELECT max(snapPos) FROM snapshots WHERE vatID = ?', {
    pluck: true,
  });
  for (const snapshot of inventory.snapshots()) {
    const { vatID, snapPos, hash, inUse, populated } = snapshot;
    const thing = snapshotName(vatID, snapPos);
    const problem = (detail: string): StoreProblem => {
      const remedy = snapshotRemedy(reader, snapshot);
      return { kind: 'snapshot', thing, detail, remedy };
    };
    onSnapshot(thing);
    if (!populated) {
      if (inUse === 1) {
        yield problem('it is in use but its bytes are missing');
      }
      continue;
    }
    if (inUse === 1 && latest.get(vatID) !== snapPos) {
      yield { kind: 'snapshot', thing, detail: 'it is in use but not the latest' };
    }
    try {
      await checkSnapshotRow(thing, sqlRow.get(vatID, snapPos)!, hash);
    } catch (error) {
      yield problem(errorDetail(error));
    }
  }
}

export function* checkBundles(
  reader: StoreReader,
  inventory: Inventory,
  onBundle: OnThing,
): Iterable<StoreProblem> {
  const sqlBundle = reader.prepare<BundleRow | null>(
    'SELECT bundle FROM bundles WHERE bundleID = ?',
    { pluck: true },
  );
  for (const { bundleID } of inventory.bundles()) {
    const thing = bundleName(bundleID);
    const remedy = `${FROM_ELSEWHERE}, or the original bundle, added again`;
    onBundle(thing);
    const row = sqlBundle.get(bundleID);
    if (row == null) {
      yield { kind: 'bundle', thing, detail: 'its contents are missing', remedy };
      continue;
    }
    try {
      checkStoredBundle(bundleID, row);
    } catch (error) {
      yield { kind: 'bundle', thing, detail: errorDetail(error), remedy };
    }
  }
}

const hasImages = (reader: StoreReader): boolean =>
  reader.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(IMAGES_TABLE) !== undefined;

export function* checkImages(reader: StoreReader, onImage: OnThing): Iterable<StoreProblem> {
  if (!hasImages(reader)) {
    return;
  }
  const sqlPage = reader.prepare<{ imageID: string; bytes: Buffer | null }>(
    `SELECT imageID, bytes FROM ${IMAGES_TABLE} WHERE imageID > ? ORDER BY imageID LIMIT 1`,
  );
  for (const { imageID, bytes } of readPages(sqlPage, [''], row => [row.imageID])) {
    const thing = imageName(imageID);
    const remedy = "its platform's bundles: remove it, and it is rebuilt at its next use";
    onImage(thing);
    try {
      unpackImage(imageID, bytes ?? Buffer.alloc(0));
    } catch (error) {
      yield { kind: 'image', thing, detail: errorDetail(error), remedy };
    }
  }
}

/** Checks changes that the host has not been told of: each must equal the store's present value. */
export function* checkPending(reader: StoreReader): Iterable<StoreProblem> {
  const sqlPage = reader.prepare<{ key: string; value: string | null }>(
    'SELECT key, value FROM pendingExports WHERE key > ? ORDER BY key LIMIT 500',
  );
  const valueOf = makeExportValue(reader);
  for (const { key, value } of readPages(sqlPage, [''], row => [row.key])) {
    const expected = valueOf(key);
    if (expected !== value) {
      yield {
        kind: 'pending',
        thing: key,
        detail: `the host would be told ${quoteValue(value)}, but the store has ${quoteValue(expected)}`,
        ...(expected !== undefined && { remedy: "the store's present value" }),
      };
    }
  }
}

/**
 * Compares the rows with the checksum that was written with the last commit. Rows that can't be read
 * are not those that were written.
 */
export function* checkRows(reader: StoreReader): Iterable<StoreProblem> {
  try {
    const damage = findRowDamage(reader);
    if (damage) yield { kind: 'rows', ...damage };
  } catch (error) {
    if (!(error instanceof StoreDamagedError)) throw error;
    const detail = `they can't be compared with their checksum: ${error.detail}`;
    yield { kind: 'rows', thing: 'rows', detail };
  }
}
