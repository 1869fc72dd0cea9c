/** The kernel's tables as of the last commit, read while the writer's transaction is open. */
import { KernelState } from '../state/kernel-state.js';
import type { CommittedReader } from '../store/committed-reader.js';
import { keysAfter } from '../store/keys-after.js';
import type { KernelStorage, KVStore } from '../store/types.js';

/** The kernel's tables ask for a kvStore. Their readers only read it. */
export const asKVStore = ({
  get,
  getNextKey,
}: Pick<CommittedReader, 'get' | 'getNextKey'>): KVStore => {
  const refuse = () => {
    throw TypeError('committed rows are read-only');
  };
  return {
    get,
    getNextKey,
    getNextKeys: (previousKey, most) => keysAfter(getNextKey, previousKey, most),
    has: key => get(key) !== undefined,
    set: refuse,
    delete: refuse,
  };
};

/** To read only. Make it anew for each answer: the tables remember what they read. */
export const readKernelState = (kvStore: KVStore): KernelState =>
  // Only cranks need more of the storage.
  new KernelState({ kvStore } as KernelStorage);
