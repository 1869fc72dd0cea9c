/** Tracks which online vat was used least recently. */

export interface LeastRecentlyUsed<K> {
  /** Makes the key the most recently used one. */
  touch(key: K): void;
  remove(key: K): void;
  /** The keys, least recently used first. */
  keys(): readonly K[];
}

export const makeLeastRecentlyUsed = <K>(): LeastRecentlyUsed<K> => {
  // A Set keeps insertion order.
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
