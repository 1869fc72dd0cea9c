/** A service that is paused before an upgrade. */
import { Far } from '@endo/far';

export const buildRootObject = () => {
  let isOpen = true;
  let pauses = 0;
  return Far('shop', {
    isOpen: () => isOpen,
    pauses: () => pauses,
    pauseService() {
      isOpen = false;
      pauses += 1;
      return true;
    },
    resumeService() {
      isOpen = true;
    },
  });
};
