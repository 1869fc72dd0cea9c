/** Copies a store as of one commit with SQLite's backup, while a kernel may keep writing to it. */
import { join } from 'node:path';
import { insistStore } from './directory.js';
import { checkDirPath } from './options.js';
import { openReader } from './reader.js';
import { STORE_FILE } from './schema.js';
import { buildStore } from './staging.js';
import { pathForSQLite } from './store-file.js';

export interface CopyProgress {
  readonly copiedPages: number;
  readonly totalPages: number;
  readonly pageSize: number;
}

export interface CopyOptions {
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Aborts the copy with the signal's reason. The target is as before. */
  readonly signal?: AbortSignal;
}

const PAGES_PER_STEP = 1000;

/**
 * Backs up the store in `from`, which is opened read-only, into a directory.
 * @throws NotASwingStoreError, StoreDamagedError, StoreIOError; failures of the target untyped
 */
export const backUpStore = async (
  from: string,
  directory: string,
  { onProgress, signal }: CopyOptions = {},
): Promise<void> => {
  const source = openReader(from);
  try {
    const pageSize = source.prepare<number>('PRAGMA page_size', { pluck: true }).get() ?? 0;
    await source.raw.backup(pathForSQLite(join(directory, STORE_FILE)), {
      progress: ({ totalPages, remainingPages }) => {
        signal?.throwIfAborted();
        onProgress?.({ totalPages, copiedPages: totalPages - remainingPages, pageSize });
        return PAGES_PER_STEP;
      },
    });
  } finally {
    source.close();
  }
};

/**
 * Copies the store in `from`, which is opened read-only, to `to`, which must be absent or empty.
 * @throws StoreExistsError, NotASwingStoreError, StoreLockedError, StoreIOError, StoreDamagedError
 */
export const copySwingStore = async (
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<void> => {
  insistStore(checkDirPath(from));
  await buildStore(to, staging => backUpStore(from, staging, options));
};
