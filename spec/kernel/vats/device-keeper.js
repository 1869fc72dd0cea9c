import { Far } from '@endo/far';

/** Keeps what it is given for as long as the process lasts. */
export const buildRootDeviceNode = () => {
  const kept = [];
  return Far('keeper', {
    keep: thing => {
      kept.push(thing);
      return kept.length;
    },
  });
};
