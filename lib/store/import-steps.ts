/** The steps by which an export becomes a store. */
import { quoteValue } from '../errors.js';
import { checkArtifactMode, missingArtifacts, wantsSnapshot, wantsSpan } from './artifact-mode.js';
import type { ArtifactMode } from './artifact-mode.js';
import type { DebugFacet } from './debug.js';
import { eraseStoreFiles, isSwingStore } from './directory.js';
import { StoreImportError } from './errors.js';
import { readExportData } from './export-data.js';
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
 * An import in progress. The host's first commit makes it final. Whoever began it calls `abandon`
 * if anything fails.
 */
export interface StoreImport {
  readonly hostStorage: HostStorage;
  readonly debug: DebugFacet;
  /** Empties the store, and stores the records in export data. */
  addData(entries: ReturnType<ImportSource['getExportData']>): Promise<void>;
  getActivityhash(): string;
  /** The export data that the new store would give, after `addData`. */
  exportData(): AsyncIterableIterator<[key: string, value: string]>;
  /** Stores the artifacts, checks each against its record, and that none is missing. */
  addArtifacts(source: Pick<ImportSource, 'getArtifactNames' | 'getArtifact'>): Promise<void>;
  /** Closes the store. The directory is as it was. */
  abandon(): Promise<void>;
}

/**
 * Begins to replace the store in `dirPath`.
 * @throws what `openSwingStore` throws
 */
export const beginImport = (dirPath: string | null, options: ImportOptions = {}): StoreImport => {
  checkOptionsBag(options);
  const { artifactMode = 'operational', onProgress, signal, ...storeOptions } = options;
  const mode = checkArtifactMode(artifactMode);
  checkStoreOptions(storeOptions);
  const path = dirPath === null ? null : checkDirPath(dirPath);
  const isNew = path !== null && !isSwingStore(path);
  const { db, rowChecksum, hostStorage, kernelStorage, debug } = openStoreParts(path, {
    ...storeOptions,
    mustExist: false,
    // It hears of nothing: neither of what is imported, nor of what the old store kept for it.
    exportCallback: undefined,
  });
  const inventory = makeInventory(db);

  const addData: StoreImport['addData'] = async entries => {
    for (const table of STORE_TABLES) {
      db.exec(`DELETE FROM ${table}`);
    }
    rowChecksum?.reset();
    let seen = 0;
    async function* counted(): AsyncIterableIterator<ExportEntry> {
      for await (const entry of toAsync('export data', entries)) {
        signal?.throwIfAborted();
        seen += 1;
        if (seen % 10_000 === 0) {
          onProgress?.({ phase: 'data', count: seen, bytes: 0 });
        }
        yield entry;
      }
    }
    const count = await importMetadata(db, counted());
    onProgress?.({ phase: 'data', count, bytes: 0 });
  };

  const addArtifacts: StoreImport['addArtifacts'] = async source => {
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
      artifact: ReturnType<ImportSource['getArtifact']>,
    ): AsyncIterableIterator<Uint8Array> {
      for await (const chunk of toAsync(`artifact ${name}`, artifact)) {
        signal?.throwIfAborted();
        if (!(chunk instanceof Uint8Array)) {
          throw new StoreImportError(`artifact ${name}: a chunk is ${quoteValue(chunk)}`);
        }
        bytes += chunk.byteLength;
        yield chunk;
      }
    }
    const names = new Set<unknown>();
    for await (const name of toAsync('names of artifacts', source.getArtifactNames())) {
      signal?.throwIfAborted();
      if (names.has(name)) {
        throw new StoreImportError(`artifact ${name}: the exporter offers it twice`);
      }
      names.add(name);
      if (await populate(name, () => counted(name, source.getArtifact(name)))) {
        count += 1;
      }
      onProgress?.({ phase: 'artifacts', name, count, bytes });
    }
    for (const missing of missingArtifacts(inventory, mode)) {
      throw new StoreImportError(
        `artifact ${missing}: an import in mode ${mode} needs it, but the exporter does not offer it`,
      );
    }
  };

  return {
    hostStorage,
    debug,
    addData,
    getActivityhash: () => kernelStorage.getActivityhash(),
    exportData: () => readExportData(db, inventory),
    addArtifacts,
    abandon: async () => {
      await hostStorage.close();
      if (isNew) {
        eraseStoreFiles(path, resolveStoreFile(path));
      }
    },
  };
};
