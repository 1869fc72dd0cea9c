/** Holds what it is given, in its state. */
import { Far } from '@endo/far';

export const buildRootDeviceNode = ({ getDeviceState, setDeviceState }) =>
  Far('shelf', {
    put: thing => setDeviceState(harden([...(getDeviceState() ?? []), thing])),
  });
