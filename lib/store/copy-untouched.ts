/**
 * A copy that leaves no trace next to the original. To read a database in WAL mode, SQLite creates
 * an index and a journal (`-shm`, `-wal`) in its directory and leaves them there. A store that
 * nobody has open is a plain file, so it is copied as one.
 */
import { copyFileSync, existsSync, mkdirSync, statSync, type Stats } from 'node:fs';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { copySwingStore, type CopyOptions } from './copy.js';
import { translateError } from './database.js';
import { eraseStoreFiles, inspectDirectory } from './directory.js';
import { checkDirPath } from './options.js';
import { STORE_FILE } from './schema.js';
import { resolveStoreFile } from './store-file.js';

/** The main file's stats, if the store was closed cleanly and nobody has it open. */
const statUnused = (dirPath: string): Stats | undefined => {
  const file = resolveStoreFile(dirPath);
  // An open store has a WAL. After a crash, the WAL holds the last commits.
  const used = ['-wal', '-shm'].some(suffix => existsSync(`${file}${suffix}`));
  return used ? undefined : statSync(file, { throwIfNoEntry: false });
};

const copyUnused = (from: string, to: string): boolean => {
  const before = statUnused(from);
  if (!before || inspectDirectory(to).kind !== 'absent') return false;
  mkdirSync(to, { recursive: true });
  copyFileSync(join(from, STORE_FILE), join(to, STORE_FILE), constants.COPYFILE_FICLONE);
  const after = statUnused(from);
  const untouched = after?.mtimeMs === before.mtimeMs && after.size === before.size;
  if (!untouched) eraseStoreFiles(to, resolveStoreFile(to));
  return untouched && inspectDirectory(to).kind === 'store';
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
  try {
    if (copyUnused(source, target)) return;
  } catch (error) {
    throw translateError(error, source);
  }
  await copySwingStore(source, target, options);
};
