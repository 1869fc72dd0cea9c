/** Seeded random numbers, the same on every machine (mulberry32). */
export interface Random {
  /** An integer from 0 to `below - 1`. */
  below(below: number): number;
  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean;
  pick<T>(items: Iterable<T>): T | undefined;
}

export const makeRandom = (seed: number): Random => {
  let state = seed | 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return {
    below,
    chance: percent => below(100) < percent,
    pick: items => {
      const list = [...items];
      return list.length === 0 ? undefined : list[below(list.length)];
    },
  };
};
