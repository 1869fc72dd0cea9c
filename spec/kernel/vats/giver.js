/** Gives what a host may hold: an object, and a promise that stays one. */
import { Far } from '@endo/far';

export const buildRootObject = () => {
  let settle = () => {};
  const thing = Far('thing', { use: () => 'used' });
  return Far('giver', {
    thing: () => thing,
    later: () =>
      harden([
        new Promise(resolve => {
          settle = resolve;
        }),
      ]),
    settle: () => settle('at last'),
  });
};
