/** A platform: what workers run on, and its identity (design.md 1 and "Guard" in 4). */
import type { BundleID } from '../types/ids.js';
import type { PlatformFingerprint } from '../types/platform-epoch.js';
import type { Bundle } from '../store/types.js';
import type { HeapRule } from '../types/vat-options.js';

export interface Platform {
  readonly fingerprint: PlatformFingerprint;
  /** Lockdown and supervisor, in the order of evaluation. */
  readonly bundleIDs: readonly [BundleID, BundleID];
  readonly bundles: readonly [Bundle, Bundle];
  /** Recorded by the incarnations that start on this platform, if it has one. */
  readonly heapRule?: HeapRule;
}

/** What determines the bytes of an image. */
export interface ImageRecipe {
  readonly engine: string;
  /** Lockdown and supervisor. */
  readonly bundleIDs: readonly BundleID[];
  /** Bundles whose compiled modules it holds. */
  readonly imageBundles: readonly BundleID[];
}

export const recipeOf = ({ fingerprint, bundleIDs }: Platform): ImageRecipe => ({
  engine: fingerprint.engine,
  bundleIDs,
  imageBundles: fingerprint.imageBundles,
});
