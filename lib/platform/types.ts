/** What workers run on, and how that is told apart (design.md 1 and 4, «Guard»). */
import type { BundleID } from '../types/ids.js';
import type { Bundle } from '../store/types.js';

/** Equal on all replicas: versions and bundle hashes, never the hash of a compiled binary. */
export interface PlatformFingerprint {
  /** Engine and snapshot format, such as `xsnap 0.15.0 (moddable f6c5951f, xsnap-native 105bc686, xs-meter-36)`. */
  readonly engine: string;
  readonly lockdown: BundleID;
  readonly supervisor: BundleID;
}

export interface Platform {
  readonly fingerprint: PlatformFingerprint;
  /** Lockdown, supervisor: in the order of evaluation. */
  readonly bundleIDs: readonly [BundleID, BundleID];
  readonly bundles: readonly [Bundle, Bundle];
}
