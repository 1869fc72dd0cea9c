/**
 * Endowments for devices whose real ones are not available, as in a rehearsal. Their functions
 * accept anything and do nothing.
 */
import type { KernelState } from '../state/kernel-state.js';
import type { DeviceEndowments } from '../controller/option-types.js';

const doNothing = (): undefined => undefined;

/** An object that has a function for every name. */
const makeSilent = (): object =>
  new Proxy(Object.freeze({}), {
    get: (_target, name) => (typeof name === 'string' && name !== 'then' ? doNothing : undefined),
    has: (_target, name) => typeof name === 'string',
  });

export interface CompletedEndowments {
  readonly deviceEndowments: DeviceEndowments;
  /** Names of the devices that got silent endowments. */
  readonly silentDevices: readonly string[];
}

/** Adds silent endowments for the store's devices that lack them. */
export const completeEndowments = (
  { devices }: Pick<KernelState, 'devices'>,
  given: DeviceEndowments,
): CompletedEndowments => {
  const silentDevices = devices.names().filter(name => {
    const deviceID = devices.getByName(name);
    // `vatAdmin` is built in and has no endowments.
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
