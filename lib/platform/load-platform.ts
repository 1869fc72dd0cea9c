/** The installed platform, on which new incarnations run. */
import { getLockdownBundle } from '@agoric/xsnap-lockdown';
import { getSupervisorBundle } from '@agoric/swingset-xsnap-supervisor';
import type { Bundle } from '../store/types.js';
import type { PlatformChoice } from '../types/platform-epoch.js';
import { scriptBundleID } from './bundle-id.js';
import { OWN } from './choices.js';
import { takeOwnBundle } from './own-bundle.js';
import { OWN_SOURCES } from './own-sources.js';
import type { Platform } from './types.js';
import { readEngine } from './xsnap-discovery.js';

/** Lockdown and supervisor. */
type Scripts = readonly [Bundle, Bundle];

const takeOwnScripts = async (): Promise<Scripts> => {
  const [lockdown, supervisor] = OWN_SOURCES;
  return Promise.all([takeOwnBundle(lockdown), takeOwnBundle(supervisor)]);
};

const readStockScripts = async (): Promise<Scripts> => {
  const [lockdown, supervisor] = await Promise.all([getLockdownBundle(), getSupervisorBundle()]);
  return [{ ...lockdown }, { ...supervisor }];
};

/**
 * Reads the engine and the lockdown and supervisor of the chosen platform from the installed
 * packages. Of our own, a checkout builds the two the first time, which takes some seconds. Does not
 * check that the worker binary is built, because a host without xsnap vats needs none.
 *
 * @throws EngineUnknownError if `@agoric/xsnap` is damaged
 * @throws PlatformBundleError if this package is damaged
 * @throws SourceEditError if a checkout has other packages than the pinned ones
 */
export const loadPlatform = async (choice: PlatformChoice = OWN): Promise<Platform> => {
  const isOwn = choice.platform === 'own';
  const [engine, bundles] = await Promise.all([
    readEngine(),
    isOwn ? takeOwnScripts() : readStockScripts(),
  ]);
  const bundleIDs = [scriptBundleID(bundles[0]), scriptBundleID(bundles[1])] as const;
  return {
    fingerprint: { engine, lockdown: bundleIDs[0], supervisor: bundleIDs[1], ...choice },
    bundleIDs,
    bundles,
    ...(isOwn && { heapRule: 1 as const }),
  };
};
