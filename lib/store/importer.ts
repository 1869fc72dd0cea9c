/** Creates a store from an export. */
import { quoteValue } from '../errors.js';
import { checkArtifactMode, missingArtifacts, wantsSnapshot, wantsSpan } from './artifact-mode.js';
import type { ArtifactMode } from './artifact-mode.js';
import { checkArgument, exporterArgument } from './arguments.js';
import type { DebugFacet } from './debug.js';
import { eraseStoreFiles, isSwingStore } from './directory.js';
import { StoreImportError } from './errors.js';
import type { SwingStoreExporter } from './exporter.js';
import { makeInventory } from './inventory.js';
import { importMetadata } from './metadata.js';
import { checkDirPath, checkOptionsBag, checkStoreOptions } from './options.js';
import type { SwingStoreOptions } from './options.js';
import { makePopulate } from './populate.js';
import { STORE_TABLES } from './schema.js';
import { packingOf } from './snapshot-codec.js';
import { resolveStoreFile } from './store-file.js';
import { openStoreParts } from './swing-store.js';
import type { HostStorage } from './types.js';

export interface ImportProgress {
  readonly phase: 'data' | 'artifacts';
  /** The artifact just stored, or skipped because the mode does not include it. */
  readonly name?: string;
  /** Entries of export data, or artifacts, stored so far. */
  readonly count: number;
  /** Bytes of artifacts read so far, uncompressed. */
  readonly bytes: number;
}

export interface ImportOptions extends SwingStoreOptions {
  /** Default `operational`. `debug` imports everything that the exporter offers. */
  readonly artifactMode?: ArtifactMode | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Aborts the import with the signal's reason. The directory stays as it was. */
  readonly signal?: AbortSignal | undefined;
}

type ExportEntry = readonly [string, string | null | undefined];

/** The part of an exporter that an import uses. Iterables may be sync or async. */
export interface ImportSource {
  getExportData(): AsyncIterable<ExportEntry> | Iterable<ExportEntry>;
  getArtifactNames(): AsyncIterable<string> | Iterable<string>;
  getArtifact(name: string): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  close?: SwingStoreExporter['close'];
}

/** Checks an exporter's result, which is untrusted. @throws StoreImportError if not iterable */
async function* toAsync<T>(
  what: string,
  source: AsyncIterable<T> | Iterable<T>,
): AsyncIterableIterator<T> {
  const isIterable =
    typeof source === 'object' &&
    (source as unknown) !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source);
  if (!isIterable) {
    throw new StoreImportError(`${what}: the exporter gave ${quoteValue(source)}, not an iterable`);
  }
  yield* source;
}

/**
 * Replaces the store in `dirPath` with an export. The host's first commit makes the replacement
 * final: until then, and if the import fails, the directory keeps what it had. Closes the exporter.
 * Tells `exportCallback` nothing, because the host already has the export data.
 * @throws StoreImportError if data and artifacts contradict each other or lack something that the
 *   mode requires; BundleMismatchError; and what `openSwingStore` throws.
 */
export const importSwingStore = async (
  exporter: ImportSource,
  dirPath: string | null = null,
  options: ImportOptions = {},
): Promise<{ readonly hostStorage: HostStorage; readonly debug: DebugFacet }> => {
  checkArgument(
    'importSwingStore',
    exporterArgument('getExportData', 'getArtifactNames', 'getArtifact'),
    exporter,
  );
  checkOptionsBag(options);
  const { artifactMode = 'operational', onProgress, signal, ...storeOptions } = options;
  const mode = checkArtifactMode(artifactMode);
  checkStoreOptions(storeOptions);
  const path = dirPath === null ? null : checkDirPath(dirPath);
  const isNew = path !== null && !isSwingStore(path);
  const { db, hostStorage, debug } = openStoreParts(path, { ...storeOptions, mustExist: false });
  try {
    for (const table of STORE_TABLES) {
      db.exec(`DELETE FROM ${table}`);
    }
    let seen = 0;
    async function* entriesOf(): AsyncIterableIterator<ExportEntry> {
      for await (const entry of toAsync('export data', exporter.getExportData())) {
        signal?.throwIfAborted();
        seen += 1;
        if (seen % 10_000 === 0) {
          onProgress?.({ phase: 'data', count: seen, bytes: 0 });
        }
        yield entry;
      }
    }
    const entries = await importMetadata(db, entriesOf());
    onProgress?.({ phase: 'data', count: entries, bytes: 0 });

    const inventory = makeInventory(db);
    const incarnations = inventory.currentIncarnations();
    const populate = makePopulate(db, {
      packing: packingOf(options),
      wantsSpan: span => wantsSpan(mode, span, incarnations),
      wantsSnapshot: snapshot => wantsSnapshot(mode, snapshot),
    });
    let count = 0;
    let bytes = 0;
    async function* counted(
      name: string,
      source: ReturnType<ImportSource['getArtifact']>,
    ): AsyncIterableIterator<Uint8Array> {
      for await (const chunk of toAsync(`artifact ${name}`, source)) {
        signal?.throwIfAborted();
        if (!(chunk instanceof Uint8Array)) {
          throw new StoreImportError(`artifact ${name}: a chunk is ${quoteValue(chunk)}`);
        }
        bytes += chunk.byteLength;
        yield chunk;
      }
    }
    const names = new Set<unknown>();
    for await (const name of toAsync('names of artifacts', exporter.getArtifactNames())) {
      signal?.throwIfAborted();
      if (names.has(name)) {
        throw new StoreImportError(`artifact ${name}: the exporter offers it twice`);
      }
      names.add(name);
      if (await populate(name, () => counted(name, exporter.getArtifact(name)))) {
        count += 1;
      }
      onProgress?.({ phase: 'artifacts', name, count, bytes });
    }
    for (const missing of missingArtifacts(inventory, mode)) {
      throw new StoreImportError(
        `artifact ${missing}: an import in mode ${mode} needs it, but the exporter does not offer it`,
      );
    }
    await exporter.close?.();
    return { hostStorage, debug };
  } catch (error) {
    await hostStorage.close();
    if (isNew) {
      eraseStoreFiles(path, resolveStoreFile(path));
    }
    throw error;
  }
};
