/**
 * A fork of the storage: it reads the kernel's tables and keeps its own writes to itself.
 *
 * Boundary: the kvStore is complete. The other stores refuse writes.
 */
import { KernelStateError } from '../errors.js';
import { compareUtf8 } from '../store/hash.js';
import { keysAfter } from '../store/keys-after.js';
import type { KernelStorage, KVStore } from '../store/types.js';

/** The index of the first sorted key after `key`. */
const indexAfter = (sorted: readonly string[], key: string): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(sorted[middle] ?? '', key) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Writes go to an overlay, in which undefined marks a deletion. */
export const forkKVStore = (base: KVStore): KVStore => {
  const own = new Map<string, string | undefined>();
  /** Keys of `own`, in order. */
  const sorted: string[] = [];

  const put = (key: string, value: string | undefined): void => {
    if (!own.has(key)) sorted.splice(indexAfter(sorted, key), 0, key);
    own.set(key, value);
  };
  const get = (key: string) => (own.has(key) ? own.get(key) : base.get(key));

  const nextOwn = (key: string): string | undefined => {
    for (let index = indexAfter(sorted, key); index < sorted.length; index += 1) {
      const candidate = sorted[index];
      if (candidate !== undefined && own.get(candidate) !== undefined) return candidate;
    }
    return undefined;
  };
  const nextOfBase = (key: string): string | undefined => {
    let candidate = base.getNextKey(key);
    while (candidate !== undefined && own.has(candidate)) candidate = base.getNextKey(candidate);
    return candidate;
  };

  const getNextKey = (key: string): string | undefined => {
    const [mine, theirs] = [nextOwn(key), nextOfBase(key)];
    if (mine === undefined || theirs === undefined) return mine ?? theirs;
    return compareUtf8(mine, theirs) < 0 ? mine : theirs;
  };

  return {
    get,
    has: key => get(key) !== undefined,
    set: put,
    delete: key => put(key, undefined),
    getNextKey,
    getNextKeys: (previousKey, most) => keysAfter(getNextKey, previousKey, most),
  };
};

const refuse = (): never => {
  throw new KernelStateError('a fork of the storage takes writes to its kvStore only');
};
const nothing = (): void => undefined;

export const forkStorage = (storage: KernelStorage): KernelStorage => ({
  kvStore: forkKVStore(storage.kvStore),
  transcriptStore: {
    ...storage.transcriptStore,
    initTranscript: refuse,
    addItem: refuse,
    rolloverSpan: refuse,
    rolloverIncarnation: refuse,
    stopUsingTranscript: refuse,
    deleteVatTranscripts: refuse,
  },
  snapStore: storage.snapStore,
  bundleStore: { ...storage.bundleStore, addBundle: refuse, deleteBundle: refuse },
  imageStore: storage.imageStore,
  processes: storage.processes,
  startCrank: nothing,
  establishCrankSavepoint: nothing,
  rollbackCrank: refuse,
  restartCrank: refuse,
  emitCrankHashes: refuse,
  endCrank: nothing,
  getActivityhash: () => storage.getActivityhash(),
  deferExports: nothing,
  resumeExports: nothing,
});
