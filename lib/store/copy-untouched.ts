/**
 * A copy that leaves no trace next to the original. To read a database in WAL mode, SQLite creates
 * an index and a journal (`-shm`, `-wal`) in its directory and leaves them there. A store that
 * nobody has open is a plain file, so it is copied as one.
 */
import { constants, copyFileSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { backUpStore, copySwingStore, type CopyOptions } from './copy.js';
import { inspectDirectory } from './directory.js';
import { checkDirPath } from './options.js';
import { STORE_FILE } from './schema.js';
import { buildStore } from './staging.js';
import { resolveStoreFile, statFile } from './store-file.js';

/** The main file's stats, if the store was closed cleanly and nobody has it open. */
const statUnused = (dirPath: string): Stats | undefined => {
  const file = resolveStoreFile(dirPath);
  // An open store has a WAL. After a crash, the WAL holds the last commits.
  const used = ['-wal', '-shm'].some(suffix => statFile(`${file}${suffix}`) !== undefined);
  return used ? undefined : statFile(file);
};

/** @returns whether the copy is a store as it was before and after */
const copyFile = (from: string, before: Stats, directory: string): boolean => {
  copyFileSync(join(from, STORE_FILE), join(directory, STORE_FILE), constants.COPYFILE_FICLONE);
  const after = statUnused(from);
  const untouched = after?.mtimeMs === before.mtimeMs && after.size === before.size;
  return untouched && inspectDirectory(directory).kind === 'store';
};

/**
 * Like `copySwingStore`, but leaves every file of `from` untouched if nobody has the store open. If
 * somebody has it open, or died with it open, SQLite's index of the WAL (`-shm`) changes.
 * @throws NotASwingStoreError, StoreLockedError, StoreIOError, StoreDamagedError
 */
export const copySwingStoreUntouched = async (
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<void> => {
  const [source, target] = [checkDirPath(from), checkDirPath(to)];
  const before = statUnused(source);
  if (!before) {
    await copySwingStore(source, target, options);
    return;
  }
  await buildStore(target, async staging => {
    if (copyFile(source, before, staging)) return;
    rmSync(join(staging, STORE_FILE));
    await backUpStore(source, staging, options);
  });
};
