/** The installed platform, on which new incarnations run. */
import { getLockdownBundle } from '@agoric/xsnap-lockdown';
import { getSupervisorBundle } from '@agoric/swingset-xsnap-supervisor';
import type { Bundle } from '../store/types.js';
import type { PlatformChoice } from '../types/platform-epoch.js';
import { DEFAULT_PLATFORM } from './choices.js';
import { scriptBundleID } from './bundle-id.js';
import type { Platform } from './types.js';
import { readEngine } from './xsnap-discovery.js';

/**
 * Reads engine, lockdown and supervisor from the installed packages. Does not check that the worker
 * binary is built, because a host without xsnap vats needs none.
 *
 * @throws EngineUnknownError if `@agoric/xsnap` is damaged.
 */
export const loadPlatform = async (
  choice: PlatformChoice = DEFAULT_PLATFORM,
): Promise<Platform> => {
  const [engine, lockdown, supervisor] = await Promise.all([
    readEngine(),
    getLockdownBundle(),
    getSupervisorBundle(),
  ]);
  const bundles: readonly [Bundle, Bundle] = [{ ...lockdown }, { ...supervisor }];
  const bundleIDs = [scriptBundleID(bundles[0]), scriptBundleID(bundles[1])] as const;
  return {
    fingerprint: { engine, lockdown: bundleIDs[0], supervisor: bundleIDs[1], ...choice },
    bundleIDs,
    bundles,
  };
};
