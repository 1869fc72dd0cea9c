import { expect } from 'chai';
import fc from 'fast-check';
import { RowCache } from '../../lib/state/row-cache.js';

const makeStore = (rows: Record<string, string> = {}) => {
  const stored = new Map(Object.entries(rows));
  const reads: string[] = [];
  return {
    stored,
    reads,
    get: (key: string) => {
      reads.push(key);
      return stored.get(key);
    },
    has: (key: string) => stored.has(key),
  };
};

describe('the cache of rows', () => {
  it('reads a key once, also one that the store does not have', () => {
    const store = makeStore({ a: '1' });
    const cache = new RowCache(store);
    expect(['a', 'b', 'a', 'b'].map(key => cache.get(key))).to.deep.equal([
      '1',
      undefined,
      '1',
      undefined,
    ]);
    expect(store.reads).to.deep.equal(['a', 'b']);
    cache.forget('a');
    cache.get('a');
    expect(store.reads).to.deep.equal(['a', 'b', 'a']);
  });

  it('keeps what is in use while many keys come and go, and drops what is not', () => {
    const store = makeStore({ used: '1', unused: '2' });
    const cache = new RowCache(store, { keys: 10, chars: 1000 });
    cache.get('unused');
    for (let n = 0; n < 100; n += 1) {
      cache.get('used');
      cache.note(`k${n}`, undefined);
    }
    cache.get('unused');
    expect(store.reads).to.deep.equal(['unused', 'used', 'unused']);
  });

  it('drops by the size of values too', () => {
    const store = makeStore({ small: '1' });
    const cache = new RowCache(store, { keys: 1000, chars: 100 });
    cache.get('small');
    for (const key of ['a', 'b', 'c']) cache.note(key, 'x'.repeat(90));
    cache.get('small');
    expect(store.reads).to.deep.equal(['small', 'small']);
    expect(cache.get('c')).to.have.length(90);
  });

  it('always has what the store has, whatever its limits', () => {
    const key = fc.constantFrom(...'abcdefgh');
    const action = fc.oneof(
      fc.record({ get: key }),
      fc.record({ set: key, value: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }) }),
      fc.record({
        forget: key,
        value: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(
        fc.nat({ max: 6 }),
        fc.nat({ max: 40 }),
        fc.array(action),
        (keys, chars, actions) => {
          const store = makeStore({ a: '1', b: '' });
          const cache = new RowCache(store, { keys, chars });
          const put = (name: string, value: string | undefined) =>
            value === undefined ? store.stored.delete(name) : store.stored.set(name, value);
          for (const each of actions) {
            if ('get' in each) {
              expect(cache.has(each.get)).to.equal(store.stored.has(each.get));
              expect(cache.get(each.get)).to.equal(store.stored.get(each.get));
            } else if ('set' in each) {
              put(each.set, each.value);
              cache.note(each.set, each.value);
            } else {
              // As after a rollback.
              put(each.forget, each.value);
              cache.forget(each.forget);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
