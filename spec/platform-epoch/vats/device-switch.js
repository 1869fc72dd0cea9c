/** Tells vats whether the host's switch is off. */
import { Far } from '@endo/far';

export const buildRootDeviceNode = ({ endowments }) =>
  Far('switch', { isOff: () => endowments.isOff() });
