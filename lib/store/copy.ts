/** A copy of a store as of one commit, by SQLite's backup, while a kernel may go on with it. */
import { join } from 'node:path';
import { translateError } from './database.js';
import { claimDirectory, eraseStoreFiles, inspectDirectory } from './directory.js';
import { NotASwingStoreError } from './errors.js';
import { lockStore } from './lock.js';
import { checkDirPath } from './options.js';
import { openReader } from './reader.js';
import { STORE_FILE } from './schema.js';

export interface CopyProgress {
  readonly copiedPages: number;
  readonly totalPages: number;
  readonly pageSize: number;
}

export interface CopyOptions {
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Ends the copy with the signal's reason; the target is as before. */
  readonly signal?: AbortSignal;
}

const PAGES_PER_STEP = 1000;

/**
 * Copies the store in `from`, opened read-only, to `to`: a directory that is absent or empty.
 * @throws NotASwingStoreError, StoreLockedError, StoreIOError, StoreDamagedError
 */
export const copySwingStore = async (
  from: string,
  to: string,
  { onProgress, signal }: CopyOptions = {},
): Promise<void> => {
  const source = openReader(checkDirPath(from));
  try {
    if (inspectDirectory(checkDirPath(to)).kind === 'store') {
      throw new NotASwingStoreError(to, 'it holds a store already, which a copy would replace');
    }
    claimDirectory(to);
    const lock = lockStore(to);
    try {
      const pageSize = source.prepare<number>('PRAGMA page_size', { pluck: true }).get() ?? 0;
      await source.raw.backup(join(to, STORE_FILE), {
        progress: ({ totalPages, remainingPages }) => {
          signal?.throwIfAborted();
          onProgress?.({ totalPages, copiedPages: totalPages - remainingPages, pageSize });
          return PAGES_PER_STEP;
        },
      });
    } catch (error) {
      eraseStoreFiles(to);
      throw translateError(error, to);
    } finally {
      lock.release();
    }
  } finally {
    source.close();
  }
};
