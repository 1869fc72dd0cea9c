/** Holds what it is given, in its state, and sends to all of it: for vats, and for the host. */
import { Far } from '@endo/far';

export const buildRootDeviceNode = ({ SO, getDeviceState, setDeviceState, endowments }) => {
  const things = () => getDeviceState() ?? [];
  const sendToAll = method => {
    for (const thing of things()) SO(thing)[method]();
  };
  endowments.offer?.(sendToAll);
  return Far('shelf', {
    put: thing => setDeviceState(harden([...things(), thing])),
    things,
    sendToAll,
  });
};
