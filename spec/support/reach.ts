/** How far a long run goes. */

export const insistNumber = (name: string, text: string): number => {
  const number = Number(text);
  if (text !== '' && Number.isSafeInteger(number) && number >= 0) return number;
  throw Error(`${name} must be a non-negative integer, not ${text}`);
};

/** The `--seed` and `--count` that `scripts/run-long.mjs` was given, or else these. */
export const readReach = (defaults: { readonly seed: number; readonly count: number }) => {
  const { SPEC_SEED, SPEC_COUNT } = process.env;
  return {
    seed: SPEC_SEED === undefined ? defaults.seed : insistNumber('--seed', SPEC_SEED),
    count: SPEC_COUNT === undefined ? defaults.count : insistNumber('--count', SPEC_COUNT),
  };
};
