/** Sizes of the slow specs, from the environment. */
import { randomInt } from 'node:crypto';
import { makeRandom } from '../../support/random.js';

export const fromEnvironment = (name: string, otherwise: number): number => {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  if (/^\d+$/.test(text)) return Number(text);
  throw Error(`${name}=${text} is no number`);
};

/** A random source whose seed is printed, so that a failure can be looked at again: `SEED=…`. */
export const seededRandom = () => {
  const seed = fromEnvironment('SEED', randomInt(1_000_000_000));
  console.log(`SEED=${seed}`);
  return makeRandom(seed);
};
