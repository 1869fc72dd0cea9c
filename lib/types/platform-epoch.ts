/** An epoch, and what the ledger records of it (design.md 4). */
import type { BundleID } from './ids.js';

/** An upgrade's name, or a non-negative safe integer. */
export type PlatformEpoch = string | number;

export type PlatformEpochKind = 'name' | 'number';

export type PlatformRestartMode = 'eager' | 'lazy';

/** Equal on all replicas: versions and bundle hashes, never the hash of a compiled binary. */
export interface PlatformFingerprint {
  /** Engine and snapshot format, such as `xsnap 0.15.0 (moddable f6c5951f, xsnap-native 105bc686, xs-meter-36)`. */
  readonly engine: string;
  readonly lockdown: BundleID;
  readonly supervisor: BundleID;
}

/** One entry of the ledger. Append-only, but for the last one while it is `in-progress`. */
export interface PlatformEpochRecord {
  readonly epoch: PlatformEpoch;
  readonly kind: PlatformEpochKind;
  readonly startedAtCrank: number;
  readonly status: 'baseline' | 'in-progress' | 'complete';
  readonly fingerprint: PlatformFingerprint;
  readonly mode: PlatformRestartMode;
  readonly restarted: number;
  readonly suspended: number;
  readonly failed: number;
  /** Vats that ended: for a failure with `onVatFailure: 'terminate'`, or because they or others chose. */
  readonly terminated: number;
  readonly exempt: number;
}
