/** The puppet again, for tests of upgrades: it says which version it is. */
import { Far } from '@endo/far';
import { makeReflectionMethods } from './vat-puppet.js';

/**
 * @param {Parameters<typeof makeReflectionMethods>[0]} vatPowers
 * @param {unknown} _vatParameters
 * @param {Parameters<typeof makeReflectionMethods>[1]} baggage
 */
export const buildRootObject = (vatPowers, _vatParameters, baggage) =>
  Far('root', { ...makeReflectionMethods(vatPowers, baggage), getVersion: () => 2 });
harden(buildRootObject);
