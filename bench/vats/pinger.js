import { E, Far } from '@endo/far';

/** Sends `count` messages one after the other, and answers when all were answered. */
export const buildRootObject = () => {
  let target;
  return Far('root', {
    bootstrap: vats => {
      target = vats.ponger;
    },
    run: async count => {
      for (let i = 0; i < count; i += 1) await E(target).ping(i, Far('token', {}));
      return count;
    },
  });
};
