/** Which of the online vats was used least recently. */

export interface LeastRecentlyUsed<K> {
  /** Notes a use: the key is the most recent now. */
  touch(key: K): void;
  remove(key: K): void;
  /** The keys, least recently used first. */
  keys(): readonly K[];
}

export const makeLeastRecentlyUsed = <K>(): LeastRecentlyUsed<K> => {
  // A Set remembers the order of insertion.
  const order = new Set<K>();
  return {
    touch: key => {
      order.delete(key);
      order.add(key);
    },
    remove: key => {
      order.delete(key);
    },
    keys: () => [...order],
  };
};
