/** Platform epochs and their records in the ledger (design.md 4). */
import type { BundleID } from './ids.js';

/** The name of an upgrade, or a non-negative safe integer. */
export type PlatformEpoch = string | number;

export type PlatformEpochKind = 'name' | 'number';

export type PlatformRestartMode = 'eager' | 'lazy';

/** Equal on all replicas: versions and bundle hashes, never the hash of a compiled binary. */
export interface PlatformFingerprint {
  /**
   * Engine and snapshot format, for example
   * `xsnap 0.15.0 (moddable f6c5951f, xsnap-native 105bc686, xs-meter-36)`.
   */
  readonly engine: string;
  readonly lockdown: BundleID;
  readonly supervisor: BundleID;
}

/** One entry of the append-only ledger. Only an `in-progress` record changes, and only the last. */
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
  /** Vats that terminated: after a failure with `onVatFailure: 'terminate'`, or by themselves. */
  readonly terminated: number;
  readonly exempt: number;
}
