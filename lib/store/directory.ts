/** What is at a path, and the only code that deletes a store's files. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { translateError } from './database.js';
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
import { filesOf, hasOtherNames } from './store-file.js';

export type DirectoryState =
  | { readonly kind: 'absent' }
  /** A directory without a store, or with nothing but an empty or locked beginning of one. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'store' }
  /** `sharable`: a store could be made beside what is there. */
  | { readonly kind: 'foreign'; readonly reason: string; readonly sharable: boolean };

const OWN_FILES = new Set([
  ...STORE_FILES,
  LOCK_FILE,
  `${LOCK_FILE}-journal`,
  PROCESSES_DIR,
  STAGING_DIR,
]);

/** What an SQLite file that is not empty holds. */
const inspectFile = (file: string): 'store' | 'empty' | 'foreign' => {
  // Through SQLite and never by reading the file: closing a second descriptor of a database file
  // drops the record locks that this process holds on it.
  let db: Database.Database | undefined;
  try {
    // A file with several names is open to one host alone: it is in use, whoever waits.
    const timeout = hasOtherNames(file) ? 0 : 5000;
    db = new Database(file, { readonly: true, fileMustExist: true, timeout });
    const sql = `SELECT name FROM sqlite_master WHERE type = 'table'`;
    const tables = db.prepare<[], string>(sql).pluck().all();
    // No table at all: the process that made it ended there.
    return STORE_TABLES.every(name => tables.includes(name))
      ? 'store'
      : tables.length === 0
        ? 'empty'
        : 'foreign';
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code.startsWith('SQLITE_') && code !== 'SQLITE_NOTADB') {
      // Busy, damaged, or its journal can't be opened for lack of rights: it is a database.
      return 'store';
    }
    return 'foreign';
  } finally {
    db?.close();
  }
};

/** Looks at `dirPath` without changing anything. */
export const inspectDirectory = (dirPath: string): DirectoryState => {
  try {
    if (!existsSync(dirPath)) {
      return { kind: 'absent' };
    }
    if (!statSync(dirPath).isDirectory()) {
      return { kind: 'foreign', reason: 'it is not a directory', sharable: false };
    }
    const file = join(dirPath, STORE_FILE);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined && lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
      // The disk is not mounted, perhaps: an empty store there would be taken for the chain's state.
      const reason = `its ${STORE_FILE} is a link to a file that is not there`;
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
          : { kind: 'foreign', reason: `its ${STORE_FILE} is something else`, sharable: false };
      }
    }
    const others = readdirSync(dirPath).filter(name => !OWN_FILES.has(name));
    return others.length === 0
      ? { kind: 'empty' }
      : {
          kind: 'foreign',
          reason: `it holds other files, such as ${others.sort()[0]}`,
          sharable: true,
        };
  } catch (error) {
    throw translateError(error, dirPath);
  }
};

/** @throws NotASwingStoreError unless there is a store. */
export const insistStore = (dirPath: string): void => {
  const state = inspectDirectory(dirPath);
  if (state.kind !== 'store') {
    const reason = state.kind === 'foreign' ? state.reason : 'there is no store';
    throw new NotASwingStoreError(dirPath, reason);
  }
};

/** Makes the directory where it is absent. @throws NotASwingStoreError for foreign contents. */
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

/** Deletes a directory that holds nothing but what a store leaves behind, when it can be. */
export const removeClaimedDirectory = (dirPath: string): void => {
  try {
    for (const name of [LOCK_FILE, `${LOCK_FILE}-journal`]) {
      rmSync(join(dirPath, name), { force: true });
    }
    rmdirSync(dirPath);
  } catch {
    // Somebody else began to use it: then it is theirs.
  }
};

/**
 * Deletes the store's own files and nothing else; a link to the file stays. The caller holds the lock.
 * @param file - as `resolveStoreFile` gives it
 */
export const eraseStoreFiles = (dirPath: string, file: string): void => {
  try {
    // The main file goes first: SQLite ignores a journal that has no database.
    for (const each of filesOf(file)) {
      rmSync(each, { force: true });
    }
  } catch (error) {
    throw translateError(error, dirPath);
  }
};

/** Whether `dirPath` is a directory with a swingstore in it. */
export const isSwingStore = (dirPath: string): boolean =>
  inspectDirectory(checkDirPath(dirPath)).kind === 'store';
