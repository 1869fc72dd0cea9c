/**
 * Creates a store atomically: it is assembled in a directory inside the target, and its file is
 * moved into place once it is complete and on disk. If the process dies before that, the target
 * holds no store, and the next attempt deletes the remains.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { translateError } from './database.js';
import {
  claimDirectory,
  eraseStoreFiles,
  inspectDirectory,
  removeClaimedDirectory,
} from './directory.js';
import { NotASwingStoreError, StoreUsageError } from './errors.js';
import { lockStore } from './lock.js';
import { checkDirPath } from './options.js';
import { STAGING_DIR, STORE_FILE } from './schema.js';
import { resolveStoreFile } from './store-file.js';

const syncPath = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

const moveIntoPlace = (staging: string, dirPath: string): void => {
  const file = join(staging, STORE_FILE);
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw new StoreUsageError(`the store in ${staging} was not closed`);
  }
  syncPath(file);
  renameSync(file, join(dirPath, STORE_FILE));
  syncPath(dirPath);
};

const refuseStore = (dirPath: string): void => {
  if (inspectDirectory(dirPath).kind === 'store') {
    throw new NotASwingStoreError(
      dirPath,
      'it already holds a store, which is never replaced; choose an empty directory',
    );
  }
};

/**
 * Creates a store in `dirPath`, which must be absent or empty. `build` gets a directory and leaves
 * a closed store in it. If `build` fails, `dirPath` is as before.
 * @throws NotASwingStoreError, StoreLockedError, StoreIOError, and what `build` throws
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
  const staging = join(dirPath, STAGING_DIR);
  let done = false;
  try {
    // Checked again under the lock: another process may have been faster.
    refuseStore(dirPath);
    eraseStoreFiles(dirPath, file);
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging);
    await build(staging);
    moveIntoPlace(staging, dirPath);
    done = true;
  } catch (error) {
    throw translateError(error, dirPath);
  } finally {
    rmSync(staging, { recursive: true, force: true });
    lock.release();
    if (isNew && !done) {
      removeClaimedDirectory(dirPath);
    }
  }
};
