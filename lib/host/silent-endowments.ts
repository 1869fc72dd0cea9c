/**
 * Endowments for devices whose own are out of reach, such as those of a host that only rehearses:
 * functions that take anything and do nothing.
 */
import type { KernelState } from '../state/kernel-state.js';
import type { DeviceEndowments } from '../controller/option-types.js';

const doNothing = (): undefined => undefined;

/** Whatever name a device asks for, it gets a function. */
const makeSilent = (): object =>
  new Proxy(Object.freeze({}), {
    get: (_target, name) => (typeof name === 'string' && name !== 'then' ? doNothing : undefined),
    has: (_target, name) => typeof name === 'string',
  });

export interface CompletedEndowments {
  readonly deviceEndowments: DeviceEndowments;
  /** Devices that were given silent ones. */
  readonly silentDevices: readonly string[];
}

/** Adds what is missing for the devices of a store. */
export const completeEndowments = (
  { devices }: Pick<KernelState, 'devices'>,
  given: DeviceEndowments,
): CompletedEndowments => {
  const silentDevices = devices.names().filter(name => {
    const deviceID = devices.getByName(name);
    // `vatAdmin` is built in and needs nothing from a host.
    const needsSome = name !== 'vatAdmin' && !devices.getOptions(deviceID).unendowed;
    return needsSome && !Object.hasOwn(given, name);
  });
  return {
    deviceEndowments: {
      ...given,
      ...Object.fromEntries(silentDevices.map(name => [name, makeSilent()])),
    },
    silentDevices,
  };
};
