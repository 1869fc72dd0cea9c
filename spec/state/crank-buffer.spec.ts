import { expect } from 'chai';
import { KernelStateError } from '../../lib/errors.js';
import { CrankBuffer } from '../../lib/state/crank-buffer.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { KVStore } from '../../lib/store/types.js';
import { makeRandom } from '../support/random.js';

/** A store that notes what is written to it. */
const watched = (store: KVStore) => {
  const writes: string[] = [];
  const kvStore: KVStore = {
    ...store,
    set: (key, value) => {
      writes.push(`${key}=${value}`);
      store.set(key, value);
    },
    delete: key => {
      writes.push(`-${key}`);
      store.delete(key);
    },
  };
  return { kvStore, writes };
};

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('the buffer of a crank’s writes', () => {
  it('hands down the net effect in the order of the keys, once', () => {
    const { kvStore, writes } = watched(initSwingStore(null).kernelStorage.kvStore);
    kvStore.set('gone', 'x');
    writes.length = 0;
    const buffer = new CrankBuffer(kvStore);
    buffer.begin();
    buffer.set('\u{1F600}', '1');
    buffer.set('\uFFFD', '2');
    buffer.set('b', '3');
    buffer.set('a', '4');
    buffer.set('b', '5');
    buffer.set('never', '6');
    buffer.delete('never');
    buffer.delete('gone');
    expect(writes).to.deep.equal([]);
    buffer.flush();
    expect(writes).to.deep.equal(['a=4', 'b=5', '-gone', '\uFFFD=2', '\u{1F600}=1']);
    expect(buffer.inCrank).to.equal(false);
  });

  it('writes at once outside of cranks', () => {
    const { kvStore, writes } = watched(initSwingStore(null).kernelStorage.kvStore);
    const buffer = new CrankBuffer(kvStore);
    buffer.set('a', '1');
    buffer.delete('a');
    buffer.delete('a');
    expect(writes).to.deep.equal(['a=1', '-a']);
  });

  it('refuses a crank within a crank', () => {
    const buffer = new CrankBuffer(initSwingStore(null).kernelStorage.kvStore);
    buffer.begin();
    expect(() => buffer.begin()).to.throw(KernelStateError, 'already in progress');
  });

  // Also with so many changes that scans hand them down in the midst of the crank.
  for (const { keys, steps } of [
    { keys: 40, steps: 60 },
    { keys: 900, steps: 700 },
  ]) {
    it(`reads and scans as the store will, and forgets an undone crank (${keys} keys)`, () => {
      const random = makeRandom(keys);
      const { kernelStorage } = initSwingStore(null);
      const buffer = new CrankBuffer(kernelStorage.kvStore);
      let model = new Map<string, string>();
      const keyOf = (number: number) => `k${'aé\uFFFD\u{1F600}'.at(number % 3) ?? ''}.${number}`;
      for (let crank = 0; crank < 12; crank += 1) {
        const before = new Map(model);
        kernelStorage.startCrank();
        kernelStorage.establishCrankSavepoint('start');
        buffer.begin();
        for (let step = 0; step < steps; step += 1) {
          const key = keyOf(random.below(keys));
          if (random.chance(30)) {
            buffer.delete(key);
            model.delete(key);
          } else {
            buffer.set(key, `${crank}.${step}`);
            model.set(key, `${crank}.${step}`);
          }
          const probe = keyOf(random.below(keys));
          expect(buffer.get(probe)).to.equal(model.get(probe));
        }
        const sorted = [...model.keys()].sort(byBytes);
        expect([...buffer.keysWithPrefix('k')]).to.deep.equal(sorted);
        if (random.chance(50)) {
          buffer.discard();
          kernelStorage.rollbackCrank('start');
          model = before;
        }
        buffer.flush();
        kernelStorage.endCrank();
        const rows = [...model.keys()].sort(byBytes).map(key => [key, model.get(key)]);
        expect([...buffer.keysWithPrefix('k')].map(key => [key, buffer.get(key)])).to.deep.equal(
          rows,
        );
        // What the cache says is what is stored.
        const fresh = new CrankBuffer(kernelStorage.kvStore);
        expect([...fresh.keysWithPrefix('k')].map(key => [key, fresh.get(key)])).to.deep.equal(
          rows,
        );
      }
    });
  }

  it('scans on while rows come and go, in cranks and between them', () => {
    const random = makeRandom(7);
    const { kernelStorage, hostStorage } = initSwingStore(null);
    const buffer = new CrankBuffer(kernelStorage.kvStore);
    const keyOf = () => `${random.pick(['g', 'h', 'host', 'i'])}${random.below(2000)}`;
    const model = new Set<string>();
    hostStorage.kvStore.set('host.5', 'the host’s');
    const change = (): void => {
      const key = keyOf();
      if (random.chance(50)) {
        buffer.set(key, 'x');
        model.add(key);
      } else {
        buffer.delete(key);
        model.delete(key);
      }
    };
    for (let n = 0; n < 3000; n += 1) change();
    for (let crank = 0; crank < 6; crank += 1) {
      const inCrank = crank % 3 > 0;
      if (inCrank) {
        kernelStorage.startCrank();
        buffer.begin();
      }
      let key = '';
      for (;;) {
        const expected = [...model].filter(each => each > key).sort()[0];
        const next = buffer.getNextKey(key);
        expect(next).to.equal(expected);
        if (next === undefined) break;
        key = next;
        if (random.chance(40)) change();
        if (random.chance(60)) {
          buffer.delete(key);
          model.delete(key);
        }
        if (random.chance(2)) hostStorage.kvStore.set(`host.${random.below(9)}`, 'more');
      }
      for (let n = 0; n < 1000; n += 1) change();
      if (inCrank) {
        buffer.flush();
        kernelStorage.endCrank();
      }
    }
  });

  it('has the values that a kernel reads that has just started', () => {
    const { kernelStorage } = initSwingStore(null);
    const { kvStore } = kernelStorage;
    const buffer = new CrankBuffer(kvStore);
    buffer.set('outside', 'x\ud800');
    kernelStorage.startCrank();
    buffer.begin();
    buffer.set('inside', '\udc00y');
    const unflushed = buffer.get('inside');
    buffer.flush();
    kernelStorage.endCrank();
    const restarted = new CrankBuffer(kvStore);
    for (const key of ['outside', 'inside']) {
      expect(buffer.get(key)).to.equal(restarted.get(key));
    }
    expect(unflushed).to.equal('\ufffdy');
  });

  it('reads values from the store that are too many for its cache', () => {
    const { kvStore } = initSwingStore(null).kernelStorage;
    let reads = 0;
    const buffer = new CrankBuffer({
      ...kvStore,
      get: key => {
        reads += 1;
        return kvStore.get(key);
      },
    });
    const valueOf = (number: number) => `${number}`.padEnd(10_000_000, '.');
    for (let number = 0; number < 8; number += 1) buffer.set(`k${number}`, valueOf(number));
    expect(buffer.get('k7')).to.equal(valueOf(7));
    expect(reads).to.equal(0);
    expect(buffer.get('k0')).to.equal(valueOf(0));
    expect(reads).to.equal(1);
  });
});
