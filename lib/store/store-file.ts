/**
 * Finds a store's real file. A host may move `swingstore.sqlite` to another disk and leave a link:
 * SQLite follows the link and keeps its journal next to the real file. Code that needs the file,
 * its journal or its lock therefore asks here.
 */
import { lstatSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { translateError } from './translate-error.js';
import {
  LOCK_FILE,
  PROCESSES_DIR,
  STAGING_DIR,
  STORE_FILE,
  STORE_FILE_SUFFIXES,
} from './schema.js';

/**
 * The path of the store's main file with links resolved. The file may be missing.
 * @throws StoreIOError
 */
export const resolveStoreFile = (dirPath: string): string => {
  const file = join(dirPath, STORE_FILE);
  try {
    if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return realpathSync(file);
    return statSync(dirPath, { throwIfNoEntry: false }) === undefined
      ? file
      : join(realpathSync(dirPath), STORE_FILE);
  } catch (error) {
    throw translateError(error, dirPath);
  }
};

/** The path for better-sqlite3, which would drop a space at the beginning of a relative one. */
export const pathForSQLite = (file: string): string => resolve(file);

/** The main file and the files that SQLite keeps next to it, the main file first. */
export const filesOf = (file: string): readonly string[] =>
  STORE_FILE_SUFFIXES.map(suffix => `${file}${suffix}`);

/** A path next to the real file, so that every link to the file leads to the same one. */
const beside = (file: string, usual: string, suffix: string): string => {
  const name = basename(file);
  return join(dirname(file), name === STORE_FILE ? usual : `${basename(name, '.sqlite')}${suffix}`);
};

/** The file of the writer's lock. */
export const lockFileOf = (file: string): string => beside(file, LOCK_FILE, '.lock');

/** The directory in which the writer's processes are recorded. */
export const processesOf = (file: string): string => beside(file, PROCESSES_DIR, '.processes');

/** The directory in which a store is assembled that will replace this one. */
export const stagingBeside = (file: string): string => beside(file, STAGING_DIR, '.partial');

/** Undefined if there is no such file. @throws StoreIOError */
export const statFile = (file: string): Stats | undefined => {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw translateError(error, dirname(file));
  }
};

/** Bytes; 0 if there is no such file. @throws StoreIOError */
export const sizeOfFile = (file: string): number => statFile(file)?.size ?? 0;

/**
 * Each hard link would have its own journal and lock.
 * @throws StoreIOError
 */
export const hasHardLinks = (file: string): boolean => (statFile(file)?.nlink ?? 0) > 1;
