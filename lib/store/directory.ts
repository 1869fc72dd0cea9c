/** Finds out what is at a path. Contains the only code that deletes a store's files. */
import { lstatSync, mkdirSync, readdirSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { codeOf, translateError } from './translate-error.js';
import { NotASwingStoreError } from './errors.js';
import { checkDirPath } from './options.js';
import {
  LOCK_FILE,
  PROCESSES_DIR,
  STAGING_DIR,
  STORE_FILE,
  STORE_FILES,
  STORE_TABLES,
} from './schema.js';
import { filesOf, hasHardLinks, pathForSQLite } from './store-file.js';

export type DirectoryState =
  | { readonly kind: 'absent' }
  /** No store: the directory is empty, or holds only files that a store left or has just begun. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'store' }
  /** `sharable`: a store could be created next to the other files. */
  | { readonly kind: 'foreign'; readonly reason: string; readonly sharable: boolean };

const OWN_FILES = new Set([
  ...STORE_FILES,
  LOCK_FILE,
  `${LOCK_FILE}-journal`,
  PROCESSES_DIR,
  STAGING_DIR,
]);

/** Says what a non-empty file holds. */
const inspectFile = (file: string): 'store' | 'empty' | 'foreign' => {
  // Opens the file through SQLite and never reads it directly: closing a second descriptor of a
  // database file drops the record locks that this process holds on it.
  let db: Database.Database | undefined;
  // Only one host can have a file with hard links open, so waiting for it is pointless.
  const timeout = hasHardLinks(file) ? 0 : 5000;
  try {
    db = new Database(pathForSQLite(file), { readonly: true, fileMustExist: true, timeout });
    const sql = `SELECT name FROM sqlite_master WHERE type = 'table'`;
    const tables = db.prepare<[], string>(sql).pluck().all();
    // No tables: the process that created the file died right after.
    return STORE_TABLES.every(name => tables.includes(name))
      ? 'store'
      : tables.length === 0
        ? 'empty'
        : 'foreign';
  } catch (error) {
    const code = codeOf(error);
    if (code === 'SQLITE_NOTADB') return 'foreign';
    // Busy, damaged, failing, or no permission to open its journal: it is a database in any case.
    if (code.startsWith('SQLITE_')) return 'store';
    throw error;
  } finally {
    db?.close();
  }
};

/** Looks at `dirPath` without changing anything. */
export const inspectDirectory = (dirPath: string): DirectoryState => {
  try {
    // A directory that can't be looked at is no absent one.
    const directory = statSync(dirPath, { throwIfNoEntry: false });
    if (directory === undefined) {
      return { kind: 'absent' };
    }
    if (!directory.isDirectory()) {
      return { kind: 'foreign', reason: 'it is not a directory', sharable: false };
    }
    const file = join(dirPath, STORE_FILE);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined && lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
      // The disk may not be mounted. An empty store there would pass for the chain's state.
      const reason = `its ${STORE_FILE} is a link to a missing file; is its disk mounted?`;
      return { kind: 'foreign', reason, sharable: false };
    }
    if (stats !== undefined && !stats.isFile()) {
      return { kind: 'foreign', reason: `its ${STORE_FILE} is not a file`, sharable: false };
    }
    if (stats !== undefined && stats.size > 0) {
      const contents = inspectFile(file);
      if (contents !== 'empty') {
        return contents === 'store'
          ? { kind: 'store' }
          : { kind: 'foreign', reason: `its ${STORE_FILE} is not a swingstore`, sharable: false };
      }
    }
    const others = readdirSync(dirPath).filter(name => !OWN_FILES.has(name));
    return others.length === 0
      ? { kind: 'empty' }
      : {
          kind: 'foreign',
          reason: `it holds other files, for example ${others.sort()[0]}`,
          sharable: true,
        };
  } catch (error) {
    throw translateError(error, dirPath);
  }
};

/** @throws NotASwingStoreError if there is no store. */
export const insistStore = (dirPath: string): void => {
  const state = inspectDirectory(dirPath);
  if (state.kind !== 'store') {
    const reason = state.kind === 'foreign' ? state.reason : 'there is no store';
    throw new NotASwingStoreError(dirPath, reason);
  }
};

/** Creates the directory if it is missing. @throws NotASwingStoreError for foreign contents. */
export const claimDirectory = (
  dirPath: string,
  { allowForeignFiles = false, mustExist = false } = {},
): void => {
  const state = inspectDirectory(dirPath);
  switch (state.kind) {
    case 'store':
      return;
    case 'absent':
    case 'empty':
      if (mustExist) {
        throw new NotASwingStoreError(dirPath, 'there is no store');
      }
      break;
    case 'foreign':
      if (mustExist || !allowForeignFiles || !state.sharable) {
        throw new NotASwingStoreError(dirPath, state.reason);
      }
      break;
    default:
      state satisfies never;
  }
  try {
    mkdirSync(dirPath, { recursive: true });
  } catch (error) {
    throw translateError(error, dirPath);
  }
};

/** Deletes a directory if it holds nothing but lock files that a store left behind. */
export const removeClaimedDirectory = (dirPath: string): void => {
  try {
    for (const name of [LOCK_FILE, `${LOCK_FILE}-journal`]) {
      rmSync(join(dirPath, name), { force: true });
    }
    rmdirSync(dirPath);
  } catch {
    // Another process has begun to use the directory.
  }
};

/**
 * Deletes the store's files and nothing else. A link to the main file stays. The caller holds the
 * writer's lock.
 * @param file - from `resolveStoreFile`
 */
export const eraseStoreFiles = (dirPath: string, file: string): void => {
  try {
    // The main file goes first, because SQLite ignores a journal without a database.
    for (const each of filesOf(file)) {
      rmSync(each, { force: true });
    }
  } catch (error) {
    throw translateError(error, dirPath);
  }
};

/** Whether `dirPath` is a directory that holds a swingstore. */
export const isSwingStore = (dirPath: string): boolean =>
  inspectDirectory(checkDirPath(dirPath)).kind === 'store';
