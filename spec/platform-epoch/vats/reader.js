/** Calls a device at each start: a bundlecap, or one that answers otherwise each time. */
import { Far } from '@endo/far';

export const buildRootObject = ({ D }, { bundlecap, counter }) => {
  const found = bundlecap
    ? [D(bundlecap).getBundle().moduleFormat, D(bundlecap).getBundleID().slice(0, 3)]
    : [D(counter).count()];
  return Far('root', { read: () => harden(found) });
};
