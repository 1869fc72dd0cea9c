// @ts-check
/**
 * The vatstore, with the few value types that comms stores. It caches nothing: the vat has no
 * transcript, so an aborted crank must leave nothing in RAM.
 *
 * @import { Syscall } from './types.js'
 */

/** @param {Syscall} syscall */
export const makeStore = syscall => {
  /** @param {string} key */
  const get = key => syscall.vatstoreGet(key);
  /** @type {(key: string, value: string | number) => void} */
  const set = (key, value) => syscall.vatstoreSet(key, `${value}`);
  /** @param {string} key */
  const require = key => {
    const value = get(key);
    if (value === undefined) throw Error(`comms state has no ${key}`);
    return value;
  };
  /** @param {string} key */
  const getNumber = key => Number(require(key));

  return harden({
    get,
    require,
    set,
    has: (/** @type {string} */ key) => get(key) !== undefined,
    delete: (/** @type {string} */ key) => syscall.vatstoreDelete(key),
    getNumber,
    /** @type {(key: string, change: number) => number} */
    add: (key, change) => {
      const value = getNumber(key) + change;
      if (value < 0) throw Error(`comms state: ${key} falls below zero`);
      set(key, value);
      return value;
    },
    /**
     * Returns the stored number, the next free one, and increments it.
     * @type {(key: string) => number}
     */
    allocate: key => {
      const number = getNumber(key);
      set(key, number + 1);
      return number;
    },
    /** @type {(key: string) => string[]} */
    getList: key => (get(key) || '').split(',').filter(item => item !== ''),
    /** @type {(key: string, items: readonly string[]) => void} */
    setList: (key, items) => set(key, items.join(',')),
    /** @type {(key: string) => any} */
    getJSON: key => JSON.parse(require(key)),
    /** @type {(key: string, value: unknown) => void} */
    setJSON: (key, value) => set(key, JSON.stringify(value)),
  });
};

/** @typedef {ReturnType<typeof makeStore>} Store */
