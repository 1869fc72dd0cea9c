/**
 * One writer per directory. The lock is an exclusive SQLite lock on an empty file beside the store
 * (a POSIX record lock), so the operating system drops it with the process, however that ends, and
 * readers of the store itself are not hindered.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { translateError } from './database.js';
import { LOCK_FILE } from './schema.js';

export interface StoreLock {
  release(): void;
}

/**
 * Takes the writer's lock of a directory that exists.
 * @throws StoreLockedError when somebody has it, StoreIOError when the lock file can't be made.
 */
export const lockStore = (dirPath: string): StoreLock => {
  let db: Database.Database | undefined;
  try {
    db = new Database(join(dirPath, LOCK_FILE), { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw translateError(error, dirPath);
  }
  const held = db;
  return {
    release: () => {
      held.close();
    },
  };
};
