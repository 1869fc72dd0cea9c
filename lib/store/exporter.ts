/** Reads a store into export data (small, trusted) and artifacts (large, checked by hash). */
import { quoteValue } from '../errors.js';
import { checkKnownFields } from '../unknown-fields.js';
import { checkArtifactMode, missingArtifacts, wantsSnapshot, wantsSpan } from './artifact-mode.js';
import type { ArtifactMode } from './artifact-mode.js';
import type { BundleRow } from './bundle-codec.js';
import { checkStoredBundle } from './bundle-store.js';
import { StoreDamagedError, StoreMissingError, StoreUsageError } from './errors.js';
import { readExportData } from './export-data.js';
import { bundleName, parseArtifactName, snapshotName, spanArtifactName } from './export-names.js';
import type { ArtifactRef } from './export-names.js';
import { storableText } from './hash.js';
import { makeInventory } from './inventory.js';
import { isHostKey } from './kv-store.js';
import { insistTextValue } from './kv-text.js';
import { checkDirPath, checkOptionsBag } from './options.js';
import { openReader } from './reader.js';
import type { OpenReader } from './reader.js';
import { unpackSnapshot } from './snapshot-codec.js';
import { SPAN_COLUMNS, makeSpanReader, toSpanRecord } from './span-reader.js';
import type { SpanRow } from './span-reader.js';

export interface SwingStoreExporter {
  /** The value of a `host.` key as of the export. */
  getHostKV(key: string): string | undefined;
  /** Each key of the export data once, with its value. */
  getExportData(): AsyncIterableIterator<[key: string, value: string]>;
  /** @throws StoreMissingError, when called, if the store lacks what the mode requires. */
  getArtifactNames(): AsyncIterableIterator<string>;
  /** @throws StoreMissingError, StoreDamagedError, StoreUsageError, when iterated. */
  getArtifact(name: string): AsyncIterableIterator<Uint8Array>;
  close(): Promise<void>;
}

export interface ExporterOptions {
  /** Default `operational`. */
  readonly artifactMode?: ArtifactMode | undefined;
  /** Unknown options are errors instead of warnings (default false). */
  readonly strict?: boolean | undefined;
}

interface SnapshotRow {
  readonly hash: string;
  readonly compressedSnapshot: Buffer | null;
  readonly uncompressedSize: number | null;
}

/** An export of what `reader` sees. Closes the reader with the export. */
export const exportFrom = (reader: OpenReader, mode: ArtifactMode): SwingStoreExporter => {
  const inventory = makeInventory(reader);
  const spanReader = makeSpanReader(reader);
  const sqlGet = reader.prepare<string>('SELECT value FROM kvStore WHERE key = ?', {
    pluck: true,
  });
  const sqlSpan = reader.prepare<SpanRow>(
    `SELECT ${SPAN_COLUMNS} FROM transcriptSpans
       WHERE vatID = ? AND startPos = ? AND endPos = ?`,
  );
  const sqlSnapshot = reader.prepare<SnapshotRow>(
    `SELECT hash, compressedSnapshot, uncompressedSize FROM snapshots
       WHERE vatID = ? AND snapPos = ?`,
  );
  const sqlBundle = reader.prepare<BundleRow | null>(
    'SELECT bundle FROM bundles WHERE bundleID = ?',
    { pluck: true },
  );

  async function* generateNames(): AsyncIterableIterator<string> {
    for (const snapshot of inventory.snapshots()) {
      if (wantsSnapshot(mode, snapshot) && snapshot.populated) {
        yield snapshotName(snapshot.vatID, snapshot.snapPos);
      }
    }
    const incarnations = inventory.currentIncarnations();
    for (const span of inventory.spans()) {
      if (wantsSpan(mode, span, incarnations) && inventory.isWhole(span)) {
        yield spanArtifactName(span);
      }
    }
    for (const { bundleID, populated } of inventory.bundles()) {
      if (populated) {
        yield bundleName(bundleID);
      }
    }
  }

  async function* readBundle(bundleID: string): AsyncIterableIterator<Uint8Array> {
    const row = sqlBundle.get(bundleID);
    if (row == null) {
      throw new StoreMissingError(bundleName(bundleID));
    }
    checkStoredBundle(bundleID, row);
    yield typeof row === 'string' ? Buffer.from(row) : row;
  }

  async function* readSpan(
    name: string,
    { vatID, startPos, endPos }: ArtifactRef & { kind: 'transcript' },
  ): AsyncIterableIterator<Uint8Array> {
    const row = sqlSpan.get(vatID, startPos, endPos);
    if (row === undefined) {
      throw new StoreMissingError(name);
    }
    const span = toSpanRecord(row);
    const check = spanReader.check(span);
    if (check.kind === 'pruned') {
      throw new StoreMissingError(name, 'its items were pruned');
    }
    if (check.kind === 'damaged') {
      throw new StoreDamagedError(name, check.detail);
    }
    yield* spanReader.readBytes(span);
  }

  async function* readSnapshot(
    name: string,
    { vatID, snapPos }: ArtifactRef & { kind: 'snapshot' },
  ): AsyncIterableIterator<Uint8Array> {
    const row = sqlSnapshot.get(vatID, snapPos);
    if (row === undefined) {
      throw new StoreMissingError(name);
    }
    if (row.compressedSnapshot === null) {
      throw new StoreMissingError(name, 'its bytes were pruned');
    }
    const { compressedSnapshot: compressed, hash, uncompressedSize } = row;
    yield* unpackSnapshot(name, { compressed, hash, uncompressedSize });
  }

  return {
    getHostKV: key => {
      if (typeof key !== 'string' || !isHostKey(key)) {
        throw new StoreUsageError(`getHostKV reads keys under host., not ${quoteValue(key)}`);
      }
      return insistTextValue(key, sqlGet.get(storableText(key)));
    },
    getExportData: () => readExportData(reader, inventory),
    getArtifactNames: () => {
      if (mode !== 'debug') {
        for (const missing of missingArtifacts(inventory, mode)) {
          const detail = `an export in mode ${mode} needs it, but the store lacks it or part of it`;
          throw new StoreMissingError(missing, detail);
        }
      }
      return generateNames();
    },
    getArtifact: name => {
      const ref = parseArtifactName(name);
      switch (ref.kind) {
        case 'bundle':
          return readBundle(ref.bundleID);
        case 'snapshot':
          return readSnapshot(name, ref);
        case 'transcript':
          return readSpan(name, ref);
        default:
          return ref satisfies never;
      }
    },
    close: async () => reader.close(),
  };
};

/**
 * Opens an export of the store as of its last commit. A kernel may keep writing to the store; the
 * export does not see it.
 * @throws NotASwingStoreError, StoreIOError, BadOptionError
 */
export const makeSwingStoreExporter = (
  dirPath: string,
  options: ExporterOptions = {},
): SwingStoreExporter => {
  checkOptionsBag(options);
  checkKnownFields(options, ['artifactMode', 'strict'], { strict: options.strict });
  const { artifactMode = 'operational' } = options;
  const mode = checkArtifactMode(artifactMode);
  return exportFrom(openReader(checkDirPath(dirPath)), mode);
};
