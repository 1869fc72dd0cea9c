/** The per-vat records that the kernel stores (`vNN.options`, `vNN.source`), as SwingSet 3 does. */
import type { BundleID, MeterID } from './ids.js';

export type ManagerType = 'xsnap' | 'local';

/** Where a vat's or device's code is: a bundle in the bundleStore. */
export interface VatSource {
  readonly bundleID: BundleID;
}

/**
 * What a vat's worker runs on. `bundleIDs` are lockdown and supervisor, in the order they are
 * evaluated. `imageID` (SHA-256, hex) names the platform image an incarnation started from;
 * without it (a store made by SwingSet, or an old incarnation) the worker starts from the bundles.
 * `engine` is the snapshot format that the incarnation belongs to (`xsnap/0.15.0`-like).
 */
export type WorkerOptions =
  | { readonly type: 'local' }
  | {
      readonly type: 'xsnap';
      readonly bundleIDs: readonly BundleID[];
      readonly imageID?: string;
      readonly engine?: string;
    };

/** `never`, or how much of each kind of dirt provokes a bringOutYourDead. */
export type DirtThreshold =
  | { readonly never: true }
  | {
      readonly deliveries?: number | 'never';
      readonly gcKrefs?: number | 'never';
      readonly computrons?: number | 'never';
    };

/** What an incarnation is held to, recorded when it starts; see vat-limits.ts. */
export interface RecordedLimits {
  /** Number of a table of limits. */
  readonly table: number;
  /** Computrons per delivery, of xsnap vats that have such a limit. */
  readonly computrons?: number;
}

export interface VatOptions {
  readonly workerOptions: WorkerOptions;
  readonly name?: string;
  readonly enableSetup: boolean;
  readonly enablePipelining: boolean;
  readonly enableDisavow: boolean;
  readonly useTranscript: boolean;
  readonly reapDirtThreshold: DirtThreshold;
  readonly critical: boolean;
  readonly meterID?: MeterID;
  /** Absent: SwingSet started the incarnation. */
  readonly limits?: RecordedLimits;
}
