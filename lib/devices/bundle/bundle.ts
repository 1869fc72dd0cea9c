/** The `bundle` device, for hosts whose vats exchange bundleIDs for bundlecaps themselves. */
import { deviceSourcePath } from '../source-path.js';

/** For `config.devices.bundle.sourceSpec`; it needs no endowments, and no other name. */
export const bundleDeviceSrcPath = deviceSourcePath('bundle/device-bundle.js');
