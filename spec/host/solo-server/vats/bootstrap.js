import { E, Far } from '@endo/far';

export const buildRootObject = () => {
  let tally;
  return Far('root', {
    bootstrap: vats => {
      ({ tally } = vats);
      return 'ready';
    },
    /** Work for as many cranks as it says, which waits in the kernel's queue. */
    spread: count => {
      for (let index = 0; index < count; index += 1) E(tally).step();
    },
  });
};
