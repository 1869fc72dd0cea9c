/**
 * Where a store's file really is. A host may have moved `swingstore.sqlite` to another disk and left
 * a link in its place: SQLite follows the link and keeps its journal beside the file itself, so
 * whoever looks for the file, its journal or its lock asks here, once.
 */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LOCK_FILE, PROCESSES_DIR, STORE_FILE, STORE_FILE_SUFFIXES } from './schema.js';

/** The path of the store's main file without links in it; the file need not be there. */
export const resolveStoreFile = (dirPath: string): string => {
  const file = join(dirPath, STORE_FILE);
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return realpathSync(file);
  return statSync(dirPath, { throwIfNoEntry: false }) === undefined
    ? file
    : join(realpathSync(dirPath), STORE_FILE);
};

/** The main file and whatever SQLite keeps beside it, the main one first. */
export const filesOf = (file: string): readonly string[] =>
  STORE_FILE_SUFFIXES.map(suffix => `${file}${suffix}`);

/** Beside the file, so that every path to it finds the same. */
const beside = (file: string, usual: string, suffix: string): string => {
  const name = basename(file);
  return join(dirname(file), name === STORE_FILE ? usual : `${basename(name, '.sqlite')}${suffix}`);
};

/** The writer's lock of a store's file. */
export const lockFileOf = (file: string): string => beside(file, LOCK_FILE, '.lock');

/** Where the processes are recorded that the writer has started. */
export const processesOf = (file: string): string => beside(file, PROCESSES_DIR, '.processes');

/** Whether the file has hard links, each of which would have a journal and a lock of its own. */
export const hasOtherNames = (file: string): boolean =>
  (statSync(file, { throwIfNoEntry: false })?.nlink ?? 0) > 1;
