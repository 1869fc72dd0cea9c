/** Our own platform: the installed engine with the lockdown and the supervisor of this package. */
import { scriptBundleID } from './bundle-id.js';
import { lockdownSource } from './lockdown/lockdown.js';
import { takeOwnBundle } from './own-bundle.js';
import { supervisorSource } from './own-sources.js';
import type { Platform } from './types.js';
import { readEngine } from './xsnap-discovery.js';

/**
 * Returns our platform, as `loadPlatform` returns the stock one. A checkout builds the bundles the
 * first time, which takes some seconds.
 *
 * @throws EngineUnknownError if `@agoric/xsnap` is damaged
 * @throws PlatformBundleError if this package is damaged
 * @throws SourceEditError if a checkout has other packages than the pinned ones
 */
export const loadOwnPlatform = async (): Promise<Platform> => {
  const [engine, lockdown, supervisor] = await Promise.all([
    readEngine(),
    takeOwnBundle(lockdownSource),
    takeOwnBundle(supervisorSource),
  ]);
  const bundleIDs = [scriptBundleID(lockdown), scriptBundleID(supervisor)] as const;
  return {
    fingerprint: { engine, lockdown: bundleIDs[0], supervisor: bundleIDs[1] },
    bundleIDs,
    bundles: [lockdown, supervisor],
  };
};
