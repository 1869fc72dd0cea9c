/** Work on the file of a store that nobody else has open. */
import { StoreDatabase } from './database.js';
import { claimDirectory } from './directory.js';
import { lockStore } from './lock.js';
import { checkDirPath } from './options.js';
import { resolveStoreFile } from './store-file.js';

/**
 * @param work gets the database and the path of its file, which no link is part of
 * @throws StoreLockedError while a writer is at work; NotASwingStoreError, StoreIOError
 */
export const withExclusiveStore = <T>(
  dirPath: string,
  work: (db: StoreDatabase, file: string) => T,
): T => {
  claimDirectory(checkDirPath(dirPath), { mustExist: true });
  const file = resolveStoreFile(dirPath);
  const lock = lockStore(dirPath, file);
  try {
    const db = new StoreDatabase({ dirPath, file, durability: 'full', unsafeFastMode: false });
    try {
      return work(db, file);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
};
