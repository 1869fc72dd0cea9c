import { E, Far } from '@endo/far';
import { makePromiseKit } from '@endo/promise-kit';

const KEPT = 4;

/** Holds some purses of the bank, works with them, drops the oldest; owes answers for a while. */
export const buildRootObject = () => {
  const purses = [];
  let owed = makePromiseKit();
  return Far('trader', {
    take: purse => {
      purses.push(purse);
      if (purses.length > KEPT) purses.shift();
    },
    trade: async height => {
      let sum = 0;
      for (const purse of purses) sum += await E(purse).deposit(height);
      return sum;
    },
    /** Unresolved until the next call. */
    owe: value => {
      owed.resolve(value);
      owed = makePromiseKit();
      return owed.promise;
    },
  });
};
