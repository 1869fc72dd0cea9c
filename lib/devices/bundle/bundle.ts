/** The host's half of the `bundle` device, which turns bundleIDs into bundlecaps. */
import { deviceSourcePath } from '../source-path.js';

/**
 * For `config.devices.bundle.sourceSpec`. The device must be named `bundle`; it has no endowments.
 */
export const bundleDeviceSrcPath = deviceSourcePath('bundle/device-bundle.js');
