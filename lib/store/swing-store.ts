/**
 * The swingstore: one SQLite file behind two facets. The kernel gets `kernelStorage`, which can't
 * commit. The host gets `hostStorage` and decides when to commit. The kernel's changes and the
 * host's become durable together or not at all.
 */
import { appendFileSync, closeSync, fdatasyncSync, openSync } from 'node:fs';
import { BadOptionError } from '../errors.js';
import { makeArchiveQueue } from './archiver.js';
import { checkArgument, exporterArgument } from './arguments.js';
import { makeBundleStore } from './bundle-store.js';
import { makeCrankHasher } from './crank-hasher.js';
import { makeCrankTools } from './crank.js';
import { IN_MEMORY, StoreDatabase } from './database.js';
import { makeDebugFacet } from './debug.js';
import type { DebugFacet } from './debug.js';
import { claimDirectory, eraseStoreFiles, insistStore } from './directory.js';
import { StoreSyncError, StoreUsageError } from './errors.js';
import { makeExportLog } from './export-log.js';
import { makeImageStore } from './image-store.js';
import { makeKVStores } from './kv-store.js';
import { lockStore } from './lock.js';
import type { StoreLock } from './lock.js';
import { checkDirPath, checkStoreOptions } from './options.js';
import type { SwingStoreOptions } from './options.js';
import { noProcessRecords } from './process-records.js';
import { followRows } from './row-checksum.js';
import type { RowChecksum } from './row-checksum.js';
import { SCHEMA_SQL } from './schema.js';
import { resolveStoreFile, sizeOfFile } from './store-file.js';
import { repairMetadata } from './metadata.js';
import { makeSnapStore } from './snap-store.js';
import { packingOf } from './snapshot-codec.js';
import { makeStagedSnapshots } from './staged-snapshots.js';
import { makeTranscriptStore } from './transcript-store.js';
import type { HostStorage, KernelStorage } from './types.js';

export interface SwingStore {
  readonly hostStorage: HostStorage;
  readonly kernelStorage: KernelStorage;
  readonly debug: DebugFacet;
}

/** A store and its connection, for code in this folder. */
export interface StoreParts extends SwingStore {
  readonly db: StoreDatabase;
  /** Undefined for a store that is open read-only. */
  readonly rowChecksum: RowChecksum | undefined;
}

/** Converts a file image in WAL mode to one that opens in memory, where WAL is not available. */
const withoutWAL = (image: Buffer): Buffer => {
  const copy = Buffer.from(image);
  // The file format's read and write versions: 2 means WAL, 1 a rollback journal.
  copy.fill(1, 18, 20);
  return copy;
};

/** Where a store is: the directory that the host named, and its file with links resolved. */
interface StorePlace {
  readonly dirPath: string;
  readonly file: string;
}

const openDatabase = (place: StorePlace | undefined, options: SwingStoreOptions): StoreDatabase => {
  const { serialized, durability = 'full', unsafeFastMode = false, readOnly = false } = options;
  const inMemory = serialized === undefined ? IN_MEMORY : withoutWAL(serialized);
  const { dirPath, file } = place ?? { dirPath: null, file: inMemory };
  return new StoreDatabase({ dirPath, file, durability, unsafeFastMode, readOnly });
};

const syncJournal = (file: string): void => {
  // Closing this descriptor drops no lock, because SQLite holds none on the journal.
  const fd = openSync(`${file}-wal`, 'r');
  try {
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/** Builds the facets over a claimed and locked directory, or in memory. */
const assembleStore = (
  place: StorePlace | undefined,
  options: SwingStoreOptions,
  lock: StoreLock | undefined,
): StoreParts => {
  const db = openDatabase(place, options);
  try {
    if (options.readOnly !== true) {
      db.exec(SCHEMA_SQL);
      db.commit();
    }
    return assembleFacets(db, place, options, lock);
  } catch (error) {
    db.close();
    throw error;
  }
};

const assembleFacets = (
  db: StoreDatabase,
  place: StorePlace | undefined,
  options: SwingStoreOptions,
  lock: StoreLock | undefined,
): StoreParts => {
  const {
    keepTranscripts = true,
    keepSnapshots = false,
    archiveSnapshot,
    archiveTranscript,
    exportCallback,
    traceFile,
  } = options;
  const trace =
    traceFile == null
      ? undefined
      : (line: string) => {
          appendFileSync(traceFile, `${line}\n`);
        };
  const exportLog = makeExportLog(db, exportCallback);
  const archiveQueue = archiveTranscript && makeArchiveQueue(archiveTranscript);
  const crankHasher = makeCrankHasher();
  const kvStores = makeKVStores({ db, exportLog, crankHasher, trace });
  const transcripts = makeTranscriptStore({
    db,
    exportLog,
    keepTranscripts,
    archive: archiveQueue?.add,
  });
  const rowChecksum = options.readOnly === true ? undefined : followRows(db);
  const staged = makeStagedSnapshots(db, packingOf(options));
  const { inCrank, ...crankTools } = makeCrankTools({
    db,
    kvStore: kvStores.kernel,
    crankHasher,
    exportLog,
    layers: [
      kvStores.layer,
      transcripts.layer,
      staged,
      ...(archiveQueue ? [archiveQueue] : []),
      ...(rowChecksum ? [rowChecksum] : []),
    ],
  });

  const kernelStorage: KernelStorage = {
    kvStore: kvStores.kernel,
    transcriptStore: transcripts.transcriptStore,
    snapStore: makeSnapStore({
      db,
      exportLog,
      keepSnapshots,
      archive: archiveSnapshot,
      packing: packingOf(options),
      staged,
    }),
    bundleStore: makeBundleStore({ db, exportLog }),
    imageStore: makeImageStore(db),
    processes: lock?.processes ?? noProcessRecords,
    ...crankTools,
    deferExports: () => exportLog.defer(),
    resumeExports: () => exportLog.resume(),
  };

  const insistBetweenCranks = (method: string): void => {
    if (inCrank()) {
      throw new StoreUsageError(`${method}: a crank is in progress and may still be rolled back`);
    }
  };

  const hostStorage: HostStorage = {
    kvStore: kvStores.host,
    commit: async () => {
      insistBetweenCranks('commit');
      while (!staged.isEmpty() || archiveQueue?.isEmpty() === false) {
        await staged.flush();
        await archiveQueue?.flush();
        // The kernel may have started a crank meanwhile.
        insistBetweenCranks('commit');
      }
      exportLog.announce();
      exportLog.persist();
      rowChecksum?.persist();
      db.commit();
    },
    announceExports: () => {
      insistBetweenCranks('announceExports');
      db.guard(() => undefined);
      exportLog.announce();
    },
    close: async () => {
      try {
        db.close();
      } finally {
        lock?.release();
      }
    },
    sync: async () => {
      db.guard(() => undefined);
      if (place === undefined || options.readOnly === true) {
        return;
      }
      try {
        if (options.unsafeFastMode === true) db.syncFile();
        else syncJournal(place.file);
      } catch (error) {
        throw error instanceof StoreUsageError ? error : new StoreSyncError(place.dirPath, error);
      }
    },
    repairMetadata: async exporter => {
      checkArgument('repairMetadata', exporterArgument('getExportData'), exporter);
      await repairMetadata(db, exportLog, exporter.getExportData());
    },
    diskUsage: () => (place === undefined ? 0 : sizeOfFile(place.file)),
  };
  return { hostStorage, kernelStorage, debug: makeDebugFacet(db), db, rowChecksum };
};

/** Opens the store at `dirPath` or in memory. Runs `prepare` first, under the writer's lock. */
export const openStoreParts = (
  dirPath: string | null,
  options: SwingStoreOptions,
  prepare: (dirPath: string, file: string) => void = () => undefined,
): StoreParts => {
  if (dirPath === null) {
    return assembleStore(undefined, options, undefined);
  }
  if (options.readOnly === true) {
    insistStore(dirPath);
    return assembleStore({ dirPath, file: resolveStoreFile(dirPath) }, options, undefined);
  }
  claimDirectory(dirPath, options);
  const file = resolveStoreFile(dirPath);
  const lock = lockStore(dirPath, file);
  try {
    prepare(dirPath, file);
    return assembleStore({ dirPath, file }, options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
};

const toFacets = ({ hostStorage, kernelStorage, debug }: StoreParts): SwingStore => ({
  hostStorage,
  kernelStorage,
  debug,
});

/**
 * Creates an empty store in `dirPath`, and the directory if it is missing. Erases a swingstore that
 * is already there, and nothing else. `null` creates a store in memory.
 * @throws NotASwingStoreError, StoreLockedError, StoreIOError, BadOptionError
 */
export const initSwingStore = (
  dirPath: string | null = null,
  options: SwingStoreOptions = {},
): SwingStore => {
  checkStoreOptions(options);
  if (options.readOnly === true) {
    throw new BadOptionError('readOnly', true, 'false: creating a store writes to it');
  }
  const path = dirPath === null ? null : checkDirPath(dirPath);
  return toFacets(openStoreParts(path, { ...options, mustExist: false }, eraseStoreFiles));
};

/**
 * Opens the store in `dirPath` at its last commit, or creates an empty one if there is none.
 * @throws NotASwingStoreError, StoreLockedError, StoreDamagedError, StoreIOError, BadOptionError
 */
export const openSwingStore = (dirPath: string, options: SwingStoreOptions = {}): SwingStore => {
  checkStoreOptions(options);
  return toFacets(openStoreParts(checkDirPath(dirPath), options));
};
