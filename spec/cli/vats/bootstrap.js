import { E, Far } from '@endo/far';

export const buildRootObject = (_vatPowers, { argv }) =>
  Far('root', {
    bootstrap: async vats => {
      await E(vats.alice).greet();
      return harden({ argv, parties: Object.keys(vats).sort() });
    },
  });
