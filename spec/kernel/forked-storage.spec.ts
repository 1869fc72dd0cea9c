import { expect } from 'chai';
import { KernelStateError } from '../../lib/errors.js';
import { forkKVStore, forkStorage } from '../../lib/platform-epoch/forked-storage.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { KVStore } from '../../lib/store/types.js';
import { makeRandom } from '../support/random.js';

const rowsOf = (store: KVStore): [string, string | undefined][] => {
  const rows: [string, string | undefined][] = [];
  for (let key = store.getNextKey(''); key !== undefined; key = store.getNextKey(key)) {
    rows.push([key, store.get(key)]);
  }
  return rows;
};

describe('a fork of the storage', () => {
  it('reads as the store would after the same writes, and leaves the store alone', async () => {
    const [{ kernelStorage, hostStorage }, twin] = [initSwingStore(null), initSwingStore(null)];
    const random = makeRandom(1);
    // Of all planes: keys are in the order of their bytes in UTF-8.
    const keyOf = (number: number) => `k${'aé\uFFFD\u{1F600}'.at(number % 3) ?? ''}.${number}`;
    for (let number = 0; number < 60; number += 2) {
      for (const { kvStore } of [kernelStorage, twin.kernelStorage]) {
        kvStore.set(keyOf(number), `base ${number}`);
      }
    }
    const before = rowsOf(kernelStorage.kvStore);
    const fork = forkKVStore(kernelStorage.kvStore);
    for (let step = 0; step < 300; step += 1) {
      const key = keyOf(random.below(60));
      for (const store of [fork, twin.kernelStorage.kvStore]) {
        if (step % 3 === 0) store.delete(key);
        else store.set(key, `step ${step}`);
      }
      const probe = keyOf(random.below(60));
      expect(fork.has(probe)).to.equal(twin.kernelStorage.kvStore.has(probe));
      expect(fork.getNextKey(probe)).to.equal(twin.kernelStorage.kvStore.getNextKey(probe));
    }
    expect(rowsOf(fork)).to.deep.equal(rowsOf(twin.kernelStorage.kvStore));
    expect(rowsOf(kernelStorage.kvStore)).to.deep.equal(before);
    await hostStorage.close();
    await twin.hostStorage.close();
  });

  it('takes no writes elsewhere', async () => {
    const { kernelStorage, hostStorage } = initSwingStore(null);
    const { transcriptStore, bundleStore } = forkStorage(kernelStorage);
    expect(() => transcriptStore.initTranscript('v1')).to.throw(KernelStateError);
    expect(() => bundleStore.deleteBundle('b1-00')).to.throw(KernelStateError);
    await hostStorage.close();
  });
});
