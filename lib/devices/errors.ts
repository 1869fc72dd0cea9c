/** What a host meets when a device is wrongly built. */
import { SwingsetError } from '../errors.js';

/** A device's code can't be started, or offers neither of the two entry points. */
export class DeviceStartError extends SwingsetError {
  readonly code = 'DEVICE_START';
  constructor(
    readonly deviceName: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`device ${deviceName}: ${problem}`, options);
  }
}

/** A device did what devices can't: it takes or gives a promise, or names an unknown reference. */
export class DeviceReferenceError extends SwingsetError {
  readonly code = 'DEVICE_REFERENCE';
}

/** What a host put into a device is malformed, or nobody in there listens yet. */
export class DeviceInputError extends SwingsetError {
  readonly code = 'DEVICE_INPUT';
  constructor(device: string, problem: string, options?: ErrorOptions) {
    super(`${device}: ${problem}`, options);
  }
}
