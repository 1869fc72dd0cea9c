import { Far } from '@endo/far';

/** Gives back what it is given, and itself. */
export const buildRootDeviceNode = () => {
  const shower = Far('shower', { show: (...things) => harden([...things, shower]) });
  return shower;
};
