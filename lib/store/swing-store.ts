/**
 * The swingstore: one SQLite file with two facets. The kernel gets `kernelStorage` and can't commit;
 * the host gets `hostStorage`, decides when, and the kernel's and its own changes become durable
 * together or not at all.
 */
import { appendFileSync, closeSync, fdatasyncSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BadOptionError } from '../errors.js';
import { makeArchiveQueue } from './archiver.js';
import { makeBundleStore } from './bundle-store.js';
import { makeCrankHasher } from './crank-hasher.js';
import { makeCrankTools } from './crank.js';
import { StoreDatabase, translateError } from './database.js';
import { makeDebugFacet } from './debug.js';
import type { DebugFacet } from './debug.js';
import { claimDirectory, eraseStoreFiles, insistStore } from './directory.js';
import { StoreUsageError } from './errors.js';
import { makeExportLog } from './export-log.js';
import { makeImageStore } from './image-store.js';
import { makeKVStores } from './kv-store.js';
import { lockStore } from './lock.js';
import type { StoreLock } from './lock.js';
import { checkDirPath, checkStoreOptions } from './options.js';
import type { SwingStoreOptions } from './options.js';
import { SCHEMA_SQL, STORE_FILE } from './schema.js';
import { repairMetadata } from './metadata.js';
import { makeSnapStore } from './snap-store.js';
import { packingOf } from './snapshot-codec.js';
import { makeTranscriptStore } from './transcript-store.js';
import type { HostStorage, KernelStorage } from './types.js';

export interface SwingStore {
  readonly hostStorage: HostStorage;
  readonly kernelStorage: KernelStorage;
  readonly debug: DebugFacet;
}

/** A store with the connection under it, for code of this folder. */
export interface StoreParts extends SwingStore {
  readonly db: StoreDatabase;
}

/** An image of a file in WAL mode, as one that can be opened in memory, where there is no WAL. */
const withoutWAL = (image: Buffer): Buffer => {
  const copy = Buffer.from(image);
  // The file format's read and write versions: 2 is WAL, 1 a rollback journal.
  copy.fill(1, 18, 20);
  return copy;
};

const openDatabase = (dirPath: string | null, options: SwingStoreOptions): StoreDatabase => {
  const { serialized, durability = 'full', unsafeFastMode = false, readOnly = false } = options;
  const inMemory = serialized === undefined ? ':memory:' : withoutWAL(serialized);
  const file = dirPath === null ? inMemory : join(dirPath, STORE_FILE);
  const db = new StoreDatabase({ dirPath, file, durability, unsafeFastMode, readOnly });
  if (readOnly) {
    return db;
  }
  try {
    db.exec(SCHEMA_SQL);
    db.commit();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/** Makes the facets over a directory that is claimed and locked, or over memory. */
const assembleStore = (
  dirPath: string | null,
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
  const db = openDatabase(dirPath, options);
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
  const { inCrank, ...crankTools } = makeCrankTools({
    db,
    kvStore: kvStores.kernel,
    crankHasher,
    exportLog,
    layers: archiveQueue ? [archiveQueue] : [],
  });

  const kernelStorage: KernelStorage = {
    kvStore: kvStores.kernel,
    transcriptStore: makeTranscriptStore({
      db,
      exportLog,
      keepTranscripts,
      archive: archiveQueue?.add,
    }),
    snapStore: makeSnapStore({
      db,
      exportLog,
      keepSnapshots,
      archive: archiveSnapshot,
      packing: packingOf(options),
    }),
    bundleStore: makeBundleStore({ db, exportLog }),
    imageStore: makeImageStore(db),
    ...crankTools,
    deferExports: () => exportLog.defer(),
    resumeExports: () => exportLog.resume(),
  };

  const insistBetweenCranks = (): void => {
    if (inCrank()) {
      throw new StoreUsageError('commit: a crank is under way; its changes may yet be undone');
    }
  };

  const hostStorage: HostStorage = {
    kvStore: kvStores.host,
    commit: async () => {
      insistBetweenCranks();
      while (archiveQueue !== undefined && !archiveQueue.isEmpty()) {
        await archiveQueue.flush();
        // Archiving takes its time, and the kernel may have gone on meanwhile.
        insistBetweenCranks();
      }
      exportLog.announce();
      exportLog.persist();
      db.commit();
    },
    close: async () => {
      try {
        db.close();
      } finally {
        lock?.release();
      }
    },
    sync: async () => {
      if (dirPath === null) {
        return;
      }
      try {
        // Closing this descriptor drops no lock: SQLite keeps none on the journal.
        const fd = openSync(join(dirPath, `${STORE_FILE}-wal`), 'r');
        try {
          fdatasyncSync(fd);
        } finally {
          closeSync(fd);
        }
      } catch (error) {
        throw translateError(error, dirPath);
      }
    },
    repairMetadata: exporter => repairMetadata(db, exportLog, exporter.getExportData()),
    diskUsage: () => (dirPath === null ? 0 : statSync(join(dirPath, STORE_FILE)).size),
  };
  return { hostStorage, kernelStorage, debug: makeDebugFacet(db), db };
};

/** Opens the store at `dirPath` or in memory, after `prepare`, which runs under the lock. */
export const openStoreParts = (
  dirPath: string | null,
  options: SwingStoreOptions,
  prepare: (dirPath: string) => void = () => undefined,
): StoreParts => {
  if (dirPath === null) {
    return assembleStore(null, options, undefined);
  }
  if (options.readOnly === true) {
    insistStore(dirPath);
    return assembleStore(dirPath, options, undefined);
  }
  claimDirectory(dirPath, options);
  const lock = lockStore(dirPath);
  try {
    prepare(dirPath);
    return assembleStore(dirPath, options, lock);
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
 * Makes an empty store in `dirPath`, which is created if need be; a swingstore that is there is
 * erased, nothing else ever is. `null` makes one in memory.
 * @throws NotASwingStoreError, StoreLockedError, StoreIOError, BadOptionError
 */
export const initSwingStore = (
  dirPath: string | null = null,
  options: SwingStoreOptions = {},
): SwingStore => {
  checkStoreOptions(options);
  if (options.readOnly === true) {
    throw new BadOptionError('readOnly', true, 'false: a store is made by writing it');
  }
  const path = dirPath === null ? null : checkDirPath(dirPath);
  return toFacets(openStoreParts(path, { ...options, mustExist: false }, eraseStoreFiles));
};

/**
 * Opens the store in `dirPath` at its last commit, or makes an empty one where there is none.
 * @throws NotASwingStoreError, StoreLockedError, StoreDamagedError, StoreIOError, BadOptionError
 */
export const openSwingStore = (dirPath: string, options: SwingStoreOptions = {}): SwingStore => {
  checkStoreOptions(options);
  return toFacets(openStoreParts(checkDirPath(dirPath), options));
};
