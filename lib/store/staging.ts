/**
 * Creates a store atomically: it is assembled in a directory inside the target, and its file is
 * moved into place once it is complete and on disk. If the process dies before that, the target
 * holds no store, and the next attempt deletes the remains.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { translateError } from './translate-error.js';
import {
  claimDirectory,
  eraseStoreFiles,
  inspectDirectory,
  removeClaimedDirectory,
} from './directory.js';
import { StoreExistsError, StoreUsageError } from './errors.js';
import { lockStore } from './lock.js';
import { checkDirPath } from './options.js';
import { STAGING_DIR, STORE_FILE } from './schema.js';
import { resolveStoreFile, sizeOfFile, stagingBeside } from './store-file.js';

/** Makes a file's contents, or a directory's entries, survive a power loss. */
export const syncPath = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

const insistComplete = (staging: string): void => {
  const file = join(staging, STORE_FILE);
  if (sizeOfFile(`${file}-wal`) > 0) {
    throw new StoreUsageError(`the store in ${staging} was not closed`);
  }
  syncPath(file);
};

const moveTo = (staging: string, file: string): void => {
  renameSync(join(staging, STORE_FILE), file);
  syncPath(dirname(file));
};

const moveIntoPlace = (staging: string, dirPath: string): void => {
  insistComplete(staging);
  moveTo(staging, join(dirPath, STORE_FILE));
};

/** An empty directory in place of what an interrupted attempt left. */
const beginStaging = (staging: string): void => {
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging);
};

const refuseStore = (dirPath: string): void => {
  if (inspectDirectory(dirPath).kind === 'store') {
    throw new StoreExistsError(dirPath);
  }
};

/** What can't be deleted now is deleted by the next attempt, and what failed before is told. */
const removeIfPossible = (staging: string): void => {
  try {
    rmSync(staging, { recursive: true, force: true });
  } catch {
    // The disk fails, or is read-only.
  }
};

/**
 * Creates a store in `dirPath`, which must be absent or empty. `build` gets a directory and leaves
 * a closed store in it. If `build` fails, `dirPath` is as before.
 * @throws StoreExistsError, NotASwingStoreError, StoreLockedError, StoreIOError, and what `build`
 *   throws
 */
export const buildStore = async (
  dirPath: string,
  build: (staging: string) => Promise<void>,
): Promise<void> => {
  refuseStore(checkDirPath(dirPath));
  const isNew = inspectDirectory(dirPath).kind === 'absent';
  claimDirectory(dirPath);
  const file = resolveStoreFile(dirPath);
  const lock = lockStore(dirPath, file);
  const staging = stagingOf(dirPath);
  let done = false;
  try {
    // Checked again under the lock: another process may have been faster.
    refuseStore(dirPath);
    eraseStoreFiles(dirPath, file);
    beginStaging(staging);
    await build(staging);
    moveIntoPlace(staging, dirPath);
    done = true;
  } catch (error) {
    throw translateError(error, dirPath);
  } finally {
    removeIfPossible(staging);
    lock.release();
    if (isNew && !done) {
      removeClaimedDirectory(dirPath);
    }
  }
};

/**
 * Replaces the store in `dirPath`, or creates one. `build` gets a directory and leaves a closed store
 * in it. Until that is complete and on disk, the old store is as it was, also when `build` fails. A
 * link to the main file stays, and so does everything else in `dirPath`.
 * @throws NotASwingStoreError, StoreLockedError, StoreIOError, and what `build` throws
 */
export const replaceStore = async (
  dirPath: string,
  build: (staging: string) => Promise<void>,
): Promise<void> => {
  claimDirectory(checkDirPath(dirPath));
  const file = resolveStoreFile(dirPath);
  const lock = lockStore(dirPath, file);
  // Next to the real file, which may be on another disk.
  const staging = stagingBeside(file);
  const onDisk = (change: () => void): void => {
    try {
      change();
    } catch (error) {
      throw translateError(error, dirPath);
    }
  };
  try {
    onDisk(() => beginStaging(staging));
    await build(staging);
    onDisk(() => {
      insistComplete(staging);
      eraseStoreFiles(dirPath, file);
      moveTo(staging, file);
    });
  } finally {
    removeIfPossible(staging);
    lock.release();
  }
};

/** Where a store for `dirPath` is assembled, next to the one that is there. */
export const stagingOf = (dirPath: string): string => join(checkDirPath(dirPath), STAGING_DIR);

/** Deletes what an interrupted attempt left. Only the owner of `dirPath` calls this. */
export const clearStaging = (dirPath: string): void => {
  try {
    rmSync(stagingOf(dirPath), { recursive: true, force: true });
  } catch (error) {
    throw translateError(error, dirPath);
  }
};

const underLock = (dirPath: string, change: (file: string) => void): void => {
  const file = resolveStoreFile(dirPath);
  const lock = lockStore(dirPath, file);
  try {
    change(file);
  } catch (error) {
    throw translateError(error, dirPath);
  } finally {
    lock.release();
  }
};

const erase = (dirPath: string, file: string): void => {
  eraseStoreFiles(dirPath, file);
  // A link, whose file is gone.
  rmSync(join(dirPath, STORE_FILE), { force: true });
  syncPath(dirPath);
};

/**
 * Deletes the store in `dirPath`, if there is one.
 * @throws StoreLockedError, StoreIOError
 */
export const discardStore = (dirPath: string): void => {
  if (inspectDirectory(checkDirPath(dirPath)).kind !== 'store') return;
  underLock(dirPath, file => erase(dirPath, file));
};

/**
 * Replaces the store in `dirPath` by the closed one in its staging directory. If the process dies
 * before that, `dirPath` holds no store.
 * @throws StoreLockedError, StoreIOError
 */
export const installStaged = (dirPath: string): void => {
  underLock(checkDirPath(dirPath), file => {
    erase(dirPath, file);
    moveIntoPlace(stagingOf(dirPath), dirPath);
  });
  clearStaging(dirPath);
};
