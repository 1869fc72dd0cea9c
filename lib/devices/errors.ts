/** Errors of devices. See `lib/errors.ts` for the family's rules. */
import { SwingsetError } from '../errors.js';

/** A device's code can't start, or exports neither of the two entry points. */
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

/** A device passed or got a promise, or named an unknown reference. */
export class DeviceReferenceError extends SwingsetError {
  readonly code = 'DEVICE_REFERENCE';
}

/** A host's input to a device is malformed, or no vat has registered a handler yet. */
export class DeviceInputError extends SwingsetError {
  readonly code = 'DEVICE_INPUT';
  constructor(device: string, problem: string, options?: ErrorOptions) {
    super(`${device}: ${problem}`, options);
  }
}
