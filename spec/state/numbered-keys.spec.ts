import { expect } from 'chai';
import { numbersAfter } from '../../lib/state/numbered-keys.js';
import { initSwingStore } from '../../lib/store/swing-store.js';

describe('pages of numbered keys', () => {
  const storeOf = (...keys: string[]) => {
    const { kvStore } = initSwingStore().kernelStorage;
    for (const key of keys) kvStore.set(key, 'x');
    return kvStore;
  };

  const all = (kv: ReturnType<typeof storeOf>, limit: number, tail = '.refCount'): number[][] => {
    const pages: number[][] = [];
    for (let after: number | undefined; ;) {
      const { numbers, next } = numbersAfter(kv, 'ko', n => `ko${n}${tail}`, { after, limit });
      pages.push([...numbers]);
      if (next === undefined) return pages;
      after = next;
    }
  };

  it('come in the order of numbers, whatever their digits, and end with the last one', () => {
    const numbers = [0, 3, 9, 20, 21, 99, 100, 101, 200, 1000, 1001, 2000, 30_000, 123_456_789];
    const kv = storeOf(
      ...numbers.flatMap(n => [`ko${n}.owner`, `ko${n}.refCount`]),
      ...['ko.nextID', 'ko55.owner', 'kn1.refCount', 'kp20.refCount', 'kp20.state'],
    );
    expect(all(kv, 100)).to.deep.equal([numbers]);
    expect(all(kv, 3).flat()).to.deep.equal(numbers);
    expect(all(kv, 3).map(page => page.length)).to.deep.equal([3, 3, 3, 3, 2]);
    expect(all(kv, 7).map(page => page.length)).to.deep.equal([7, 7]);
  });

  it('of keys that end with the number', () => {
    const numbers = [1, 10, 11, 12, 100, 110, 1000, 1100];
    const kv = storeOf(...numbers.map(n => `ko${n}`), 'kp5', 'ko');
    expect(all(kv, 2, '').flat()).to.deep.equal(numbers);
  });

  it('are found among any others', () => {
    let seed = 7;
    const random = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most;
    for (let round = 0; round < 20; round += 1) {
      const numbers = [...new Set(Array.from({ length: 40 }, () => random(10 ** (1 + random(7)))))];
      const kv = storeOf(...numbers.map(n => `ko${n}.refCount`));
      expect(all(kv, 1 + random(9)).flat()).to.deep.equal(numbers.sort((a, b) => a - b));
    }
  });

  it('are empty where there are none', () => {
    expect(all(storeOf(), 5)).to.deep.equal([[]]);
    expect(all(storeOf('ko', 'kox', 'ko.nextID'), 5)).to.deep.equal([[]]);
  });
});
