/** Copies a store as of one commit with SQLite's backup, while a kernel may keep writing to it. */
import { join } from 'node:path';
import { checkDirPath } from './options.js';
import { openReader } from './reader.js';
import { STORE_FILE } from './schema.js';
import { buildStore } from './staging.js';

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
 * Copies the store in `from`, which is opened read-only, to `to`, which must be absent or empty.
 * @throws StoreExistsError, NotASwingStoreError, StoreLockedError, StoreIOError, StoreDamagedError
 */
export const copySwingStore = async (
  from: string,
  to: string,
  { onProgress, signal }: CopyOptions = {},
): Promise<void> => {
  const source = openReader(checkDirPath(from));
  try {
    const pageSize = source.prepare<number>('PRAGMA page_size', { pluck: true }).get() ?? 0;
    await buildStore(to, async staging => {
      await source.raw.backup(join(staging, STORE_FILE), {
        progress: ({ totalPages, remainingPages }) => {
          signal?.throwIfAborted();
          onProgress?.({ totalPages, copiedPages: totalPages - remainingPages, pageSize });
          return PAGES_PER_STEP;
        },
      });
    });
  } finally {
    source.close();
  }
};
