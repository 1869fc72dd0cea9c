/** Platform epochs and their records in the ledger (design.md 4). */
import type { BundleID } from './ids.js';

/** The name of an upgrade, or a non-negative safe integer. */
export type PlatformEpoch = string | number;

export type PlatformEpochKind = 'name' | 'number';

export type PlatformRestartMode = 'eager' | 'lazy' | 'rolling';

/** What a host wants for a vat that can't start (design.md 4, "When a vat can't start"). */
export type FailurePolicy = 'suspend' | 'panic' | 'terminate';

/** The options of a restart that decide state. A boot that resumes it must pass the same ones. */
export interface DecidingRestartOptions {
  readonly mode: PlatformRestartMode;
  readonly onVatFailure: FailurePolicy;
  /** Names and vatIDs as the host gave them, sorted. */
  readonly exempt: readonly string[];
  readonly assumeEngine?: string;
}

/** `own`: lockdown and supervisor are built here. `stock`: they are Agoric's (design.md 5). */
export type PlatformKind = 'own' | 'stock';

/** What a host chooses of its platform. It holds until an advance changes it. */
export interface PlatformChoice {
  readonly platform: PlatformKind;
  /** Bundles whose compiled modules the platform image holds. */
  readonly imageBundles: readonly BundleID[];
  /** Whether `@endo/import-bundle` in a vat's code is the platform's. */
  readonly serveImportBundle: boolean;
}

/** Equal on all replicas: versions and bundle hashes, never the hash of a compiled binary. */
export interface PlatformFingerprint extends PlatformChoice {
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
  readonly options: DecidingRestartOptions;
  readonly restarted: number;
  readonly suspended: number;
  readonly failed: number;
  /** Vats that terminated: after a failure with `onVatFailure: 'terminate'`, or by themselves. */
  readonly terminated: number;
  readonly exempt: number;
}

/** What the store keeps of a rolling restart until no vat sleeps any more. */
export interface RollingRestart {
  /** How many vats went to sleep when the epoch advanced. */
  readonly total: number;
}

/** How far a rolling restart is. */
export interface RollingStatus extends RollingRestart {
  readonly epoch: PlatformEpoch;
  /** How many still sleep. */
  readonly sleeping: number;
  /** How many more runs it takes at the pace of the runs since the boot. Undefined before the first. */
  readonly runsLeft: number | undefined;
}
