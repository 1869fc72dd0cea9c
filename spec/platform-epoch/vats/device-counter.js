/** Counts in its device state. */
import { Far } from '@endo/far';

export const buildRootDeviceNode = ({ getDeviceState, setDeviceState }) =>
  Far('counter', {
    count() {
      const { count = 0 } = getDeviceState() ?? {};
      setDeviceState(harden({ count: count + 1 }));
      return count + 1;
    },
  });
