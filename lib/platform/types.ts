/** What workers run on, and how that is told apart (design.md 1 and 4, «Guard»). */
import type { BundleID } from '../types/ids.js';
import type { PlatformFingerprint } from '../types/platform-epoch.js';
import type { Bundle } from '../store/types.js';

export interface Platform {
  readonly fingerprint: PlatformFingerprint;
  /** Lockdown, supervisor: in the order of evaluation. */
  readonly bundleIDs: readonly [BundleID, BundleID];
  readonly bundles: readonly [Bundle, Bundle];
}
