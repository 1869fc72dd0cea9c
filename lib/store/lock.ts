/**
 * One writer per file, whichever path leads to it. The lock is an exclusive SQLite lock on an empty
 * file beside the store (a POSIX record lock), so the operating system drops it with the process,
 * however that ends, and readers of the store itself are not hindered. It lies beside the file that
 * links lead to. A hard link would have another lock, so `StoreDatabase` locks a file that has some.
 */
import Database from 'better-sqlite3';
import { translateError } from './database.js';
import { endLeftProcesses, forgetDirectory, makeProcessRecords } from './process-records.js';
import type { ProcessRecords } from './process-records.js';
import { lockFileOf, processesOf } from './store-file.js';

export interface StoreLock {
  /** What the holder starts is recorded here, for the next holder to end what is left of it. */
  readonly processes: ProcessRecords;
  release(): void;
}

/** Held locks: better-sqlite3 closes a connection that nobody refers to, and its lock goes with it. */
const held = new Set<Database.Database>();

/**
 * Takes the writer's lock of a store's file, which need not be there; its directory does. Ends the
 * processes that a writer which is gone has left.
 * @param file - as `resolveStoreFile` gives it
 * @throws StoreLockedError when somebody has it, StoreIOError when the lock file can't be made.
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
  endLeftProcesses(processes);
  return {
    processes: makeProcessRecords(processes),
    release: () => {
      forgetDirectory(processes);
      held.delete(lock);
      lock.close();
    },
  };
};
