/**
 * A copy that leaves no trace beside the original. SQLite can't read a database in WAL mode without
 * making its index and its journal (`-shm`, `-wal`) in the same directory, and it leaves them there;
 * so a store that nobody has open is copied as the plain file that it is then.
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

/** The main file of a store that was closed in good order and that nobody has open. */
const statUnused = (dirPath: string): Stats | undefined => {
  const file = resolveStoreFile(dirPath);
  // Whoever has a store open has a WAL beside it, and after a crash it holds the last commits.
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
 * As `copySwingStore`, and with every file of `from` as it was, if nobody has the store open. If
 * somebody has, or died with it open, SQLite's index of the WAL (`-shm`) is not the same afterwards.
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
