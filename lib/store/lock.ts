/**
 * One writer per store file, whichever path leads to it. The lock is an exclusive SQLite lock (a
 * POSIX record lock) on an empty file next to the store. The operating system drops it when the
 * process ends, however it ends, and readers of the store are not blocked. Symbolic links are
 * followed before the lock file is chosen. Hard links can't be, so `StoreDatabase` itself locks a
 * file that has any.
 */
import Database from 'better-sqlite3';
import { translateError } from './translate-error.js';
import { endOrphanedProcesses, removeIfEmpty, makeProcessRecords } from './process-records.js';
import type { ProcessRecords } from './process-records.js';
import { lockFileOf, processesOf } from './store-file.js';

export interface StoreLock {
  /** Records what the holder starts, so that the next holder can end what is left of it. */
  readonly processes: ProcessRecords;
  release(): void;
}

/** Held locks. better-sqlite3 closes an unreferenced connection, which would drop its lock. */
const held = new Set<Database.Database>();

/**
 * Takes the writer's lock on a store's file, then ends processes that a dead writer left. The file
 * may be missing; its directory may not.
 * @param file - from `resolveStoreFile`
 * @throws StoreLockedError if another writer holds it, StoreIOError if the lock file can't be
 * created.
 */
export const lockStore = (dirPath: string, file: string): StoreLock => {
  let db: Database.Database | undefined;
  try {
    db = new Database(lockFileOf(file), { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw translateError(error, dirPath);
  }
  const lock = db;
  held.add(lock);
  const processes = processesOf(file);
  endOrphanedProcesses(processes);
  return {
    processes: makeProcessRecords(processes),
    release: () => {
      removeIfEmpty(processes);
      held.delete(lock);
      lock.close();
    },
  };
};
