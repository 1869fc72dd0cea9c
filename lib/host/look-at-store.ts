/** Reads a store as of its last commit, also while a kernel runs on it. */
import { swingsetIsInitialized } from '../controller/initialize.js';
import { assertCurrentSchema } from '../state/schema-version.js';
import { isSwingStore } from '../store/directory.js';
import { checkDirPath } from '../store/options.js';
import { openStoreParts, type StoreParts } from '../store/swing-store.js';
import { readEpochLedger } from '../platform-epoch/ledger.js';
import type { KernelStorage } from '../store/types.js';
import type { PlatformEpochRecord } from '../types/platform-epoch.js';
import { NoConfigError } from './solo-host.js';

/** What commands that only read get of a store. Its methods that write throw. */
export type ReadableStore = Pick<StoreParts, 'kernelStorage' | 'db'>;

/** Undefined if there is no swingset, of whatever schema, in `home`. */
const peek = async <T>(home: string, look: (store: KernelStorage) => T): Promise<T | undefined> => {
  if (!isSwingStore(home)) return undefined;
  const { hostStorage, kernelStorage } = openStoreParts(checkDirPath(home), { readOnly: true });
  try {
    return swingsetIsInitialized(kernelStorage) ? look(kernelStorage) : undefined;
  } finally {
    await hostStorage.close();
  }
};

/** Whether there is a swingset in `home`. An interrupted attempt to make one leaves an empty store. */
export const holdsSwingset = async (home: string): Promise<boolean> =>
  (await peek(home, () => true)) ?? false;

/** The epochs of the swingset in `home`. Empty if there is none. */
export const peekAtLedger = async (home: string): Promise<readonly PlatformEpochRecord[]> =>
  (await peek(home, readEpochLedger)) ?? [];

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
