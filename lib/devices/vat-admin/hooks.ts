/**
 * What the built-in `vatAdmin` and `bundle` devices ask of the kernel.
 *
 * Boundary: a device calls `syscall.callKernelHook(name, args)`; the kernel registers one function
 * per name of these tables for the device of that name (`bundle` takes only `BundleHooks`). On the
 * wire the arguments are the capdata of an array and the result the capdata of one value, smallcaps,
 * in krefs on the kernel's side. A hook that throws makes the device call fail for the calling vat;
 * what it changed is undone only if the crank is, so hooks check first and write then.
 *
 * Slots: references inside arguments arrive as the standins of `@agoric/kmarshal`.
 */
import type { Bundle } from '../../store/types.js';
import type { BundleID, MeterID, VatID } from '../../types/ids.js';
import type { ManagerType } from '../../types/vat-options.js';

/** Shared by the `vatAdmin` and the `bundle` device. */
export interface BundleHooks {
  /** The bundle that the configuration gave this name, or undefined. */
  getNamedBundleID(name: string): BundleID | undefined;
  /** Whether the bundleStore holds it, by now. */
  hasBundle(bundleID: BundleID): boolean;
  /** @throws when it isn't installed */
  getBundle(bundleID: BundleID): Bundle;
}

/**
 * Options of `createVat` as the vat-admin vat sends them: each may be `undefined`, which means the
 * kernel's default. `vatParameters` may mention references; it is undefined when not given.
 */
export interface DynamicVatOptions {
  readonly name?: string | undefined;
  readonly vatParameters?: unknown;
  readonly managerType?: ManagerType | undefined;
  readonly enableSetup?: boolean | undefined;
  readonly enablePipelining?: boolean | undefined;
  readonly useTranscript?: boolean | undefined;
  readonly reapInterval?: number | 'never' | undefined;
  /** The kernel panics when a critical vat is terminated with failure. Always present. */
  readonly critical: boolean;
  readonly meterID?: MeterID | undefined;
}

/** What `changeVatOptions` may change. */
export interface ChangeableVatOptions {
  readonly reapInterval?: number | 'never';
}

/** Computrons; `unlimited` meters never run out and never notify. */
export interface MeterReading {
  readonly remaining: bigint | 'unlimited';
  readonly threshold: bigint;
}

/** The kernel functions behind the `vatAdmin` device. */
export interface VatAdminHooks extends BundleHooks {
  /**
   * Stores a bundle that a vat sent inline (`createVat(bundle)`), unvalidated: a broken one fails
   * when the vat starts. Idempotent.
   */
  installBundle(bundle: Bundle): BundleID;
  /**
   * Allocates the vatID and queues the creation. The outcome goes to the vat-admin vat's root:
   * `newVatCallback(vatID, { rootObject })`, or `vatTerminated(vatID, true, error)` if it failed.
   * @throws when the bundle isn't installed or the meter doesn't exist
   */
  createVat(bundleID: BundleID, options: DynamicVatOptions): VatID;
  /**
   * Terminates with failure, at the end of the crank; root hears `vatTerminated(vatID, true, reason)`.
   * No effect on a vat that is gone already.
   */
  terminateVat(vatID: VatID, reason: unknown): void;
  /**
   * Queues the upgrade; root hears `vatUpgradeCallback(upgradeID, true, undefined, incarnation)`, or
   * `vatUpgradeCallback(upgradeID, false, error)` and the vat stays as it was.
   * @returns `up1`, `up2`, …
   */
  upgradeVat(
    vatID: VatID,
    bundleID: BundleID,
    vatParameters: unknown,
    upgradeMessage: string,
  ): string;
  /** Queues the change: it comes after what was sent to the vat before. */
  changeOptions(vatID: VatID, options: ChangeableVatOptions): void;

  /** @throws unless both are bigints of at least 0n */
  createMeter(remaining: bigint, threshold: bigint): MeterID;
  createUnlimitedMeter(): MeterID;
  /** @throws unless `delta` is a bigint of at least 0n; no effect on an unlimited meter */
  addMeterRemaining(meterID: MeterID, delta: bigint): void;
  /** @throws unless `threshold` is a bigint of at least 0n; no effect on an unlimited meter */
  setMeterThreshold(meterID: MeterID, threshold: bigint): void;
  getMeter(meterID: MeterID): MeterReading;

  /** Whether the vat exists and isn't terminated. Not in SwingSet. */
  hasVat(vatID: VatID): boolean;
  /** Ends the worker and lets deliveries wait until `resumeVat`. Not in SwingSet. */
  suspendVat(vatID: VatID): void;
  /** False: the host took the vat out of service and alone brings it back. Not in SwingSet. */
  resumeVat(vatID: VatID): boolean;
  /** Sets deliveries aside until `unpauseVat`; the incarnation stays. Not in SwingSet. */
  pauseVat(vatID: VatID): void;
  /** False: as `resumeVat`. */
  unpauseVat(vatID: VatID): boolean;
}

/**
 * What the kernel sends to the root object of the vat-admin vat, without a result that anybody
 * reads. `error` and `info` are whatever the vat ended with: data, no promises.
 */
export interface VatAdminCallbacks {
  newVatCallback(vatID: VatID, result: { rootObject: unknown } | { error: unknown }): void;
  vatUpgradeCallback(
    upgradeID: string,
    success: boolean,
    error: unknown,
    incarnationNumber?: number,
  ): void;
  vatTerminated(vatID: VatID, shouldReject: boolean, info: unknown): void;
  meterCrossedThreshold(meterID: MeterID, remaining: bigint): void;
  /** After `controller.validateAndInstallBundle` stored a bundle that was not there before. */
  bundleInstalled(bundleID: BundleID): void;
}
