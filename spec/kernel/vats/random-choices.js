/** Seeded random choices of vats: the same on every kernel. */
export const makeRandom = seed => {
  let state = seed | 0;
  const below = limit => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const pick = items => {
    const list = [...items];
    return list[below(list.length)];
  };
  return { below, chance: percent => below(100) < percent, pick };
};
