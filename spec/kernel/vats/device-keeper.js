import { Far } from '@endo/far';

/** Keeps what it is given for as long as the process lasts. */
export const buildRootDeviceNode = ({ testLog }) => {
  const kept = [];
  testLog('keeper', 1, 'began');
  return Far('keeper', {
    keep: thing => {
      kept.push(thing);
      return kept.length;
    },
  });
};
