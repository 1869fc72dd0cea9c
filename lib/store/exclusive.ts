/** Exclusive access to the file of a store. */
import { StoreDatabase } from './database.js';
import { claimDirectory } from './directory.js';
import { lockStore } from './lock.js';
import { checkDirPath } from './options.js';
import { resolveStoreFile } from './store-file.js';

/**
 * Runs `work` under the writer's lock.
 * @param work - gets the database and the path of its file with links resolved
 * @throws StoreLockedError while another writer has the store; NotASwingStoreError, StoreIOError
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
