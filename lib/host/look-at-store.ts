/** Reads a store as of its last commit, also while a kernel runs on it. */
import { swingsetIsInitialized } from '../controller/initialize.js';
import { assertCurrentSchema } from '../state/schema-version.js';
import { isSwingStore } from '../store/directory.js';
import { checkDirPath } from '../store/options.js';
import { openStoreParts, type StoreParts } from '../store/swing-store.js';
import { NoConfigError } from './solo-host.js';

/** What commands that only read get of a store. Its methods that write throw. */
export type ReadableStore = Pick<StoreParts, 'kernelStorage' | 'db'>;

/** Whether there is a swingset in `home`. An interrupted attempt to make one leaves an empty store. */
export const holdsSwingset = async (home: string): Promise<boolean> => {
  if (!isSwingStore(home)) return false;
  const { hostStorage, kernelStorage } = openStoreParts(checkDirPath(home), { readOnly: true });
  try {
    return swingsetIsInitialized(kernelStorage);
  } finally {
    await hostStorage.close();
  }
};

/**
 * Resolves to what `look` makes of the store in `home`. All of it is of one commit.
 *
 * @throws NotASwingStoreError, StoreDamagedError, StoreIOError, and StoreLockedError for a file with
 *   hard links that a writer has open
 * @throws NoConfigError for a store without a swingset, SchemaVersionError for one of old software
 */
export const lookAtStore = async <T>(
  home: string,
  look: (store: ReadableStore) => T | Promise<T>,
): Promise<T> => {
  const store = openStoreParts(checkDirPath(home), { readOnly: true });
  try {
    if (!swingsetIsInitialized(store.kernelStorage)) throw new NoConfigError(home);
    assertCurrentSchema(store.kernelStorage.kvStore);
    return await look(store);
  } finally {
    await store.hostStorage.close();
  }
};
