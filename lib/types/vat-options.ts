/** The stored records of each vat (`vNN.options`, `vNN.source`), as in SwingSet 3. */
import type { BundleID, MeterID } from './ids.js';

export type ManagerType = 'xsnap' | 'local';

/** Location of a vat's or device's code: a bundle in the bundleStore. */
/** Sizes of an incarnation's snapshots, uncompressed, in bytes. */
export interface HeapSizes {
  readonly first: number;
  readonly last: number;
}

export interface VatSource {
  readonly bundleID: BundleID;
}

/** A rule for the heap sizes of an incarnation's workers (`lib/platform/heap-rule.ts`). */
export type HeapRule = 1;

/**
 * The platform of a vat's worker. `bundleIDs` are lockdown and supervisor, in the order of
 * evaluation. `imageID` (SHA-256, hex) names the platform image that the incarnation started from.
 * Without it (in stores of SwingSet and in old incarnations), the worker starts from the bundles.
 * `engine` is the snapshot format of the incarnation, for example `xsnap/0.15.0`. Without a
 * `heapRule`, heaps and snapshots have the sizes that the engine gives them. `imageBundles` are the
 * bundles whose modules the image holds. With `serveImportBundle`, the vat's `@endo/import-bundle` is
 * the platform's.
 */
export type WorkerOptions =
  | { readonly type: 'local' }
  | {
      readonly type: 'xsnap';
      readonly bundleIDs: readonly BundleID[];
      readonly imageID?: string;
      readonly engine?: string;
      readonly heapRule?: HeapRule;
      readonly imageBundles?: readonly BundleID[];
      readonly serveImportBundle?: boolean;
    };

/** How much dirt of each kind triggers a bringOutYourDead, or `never`. */
export type DirtThreshold =
  | { readonly never: true }
  | {
      readonly deliveries?: number | 'never';
      readonly gcKrefs?: number | 'never';
      readonly computrons?: number | 'never';
    };

/** The limits of an incarnation, recorded when it starts. See `vat-limits.ts`. */
export interface RecordedLimits {
  /** Number of a limit table. */
  readonly table: number;
  /** Computrons per delivery, for xsnap vats with such a limit. */
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
  /** Absent if SwingSet started the incarnation. */
  readonly limits?: RecordedLimits;
}

/** How much a vat has done since its last bringOutYourDead. */
export interface ReapDirt {
  readonly deliveries?: number;
  readonly gcKrefs?: number;
  readonly computrons?: number;
}

export interface DeviceOptions {
  readonly deviceParameters?: unknown;
  readonly unendowed?: boolean;
}
