/**
 * The kernel hooks of the `vatAdmin` and `bundle` devices.
 *
 * Boundary: a device calls `syscall.callKernelHook(name, args)`. The kernel adds these functions as
 * hooks of the device (`bundle` gets only `BundleHooks`). Arguments travel as the smallcaps capdata
 * of an array, results as that of one value, with krefs as slots on the kernel's side. If a hook
 * throws, the device call fails for the calling vat. Only an aborted crank undoes what the hook
 * changed, so hooks check before they write.
 *
 * References in arguments arrive as stand-ins of `@agoric/kmarshal`.
 */
import type { Bundle } from '../../store/types.js';
import type { BundleID, MeterID, VatID } from '../../types/ids.js';
import type { ManagerType } from '../../types/vat-options.js';

/** Hooks of both the `vatAdmin` and the `bundle` device. */
export interface BundleHooks {
  /** The bundle with this name in the configuration, if any. */
  getNamedBundleID(name: string): BundleID | undefined;
  /** Is the bundle installed? */
  hasBundle(bundleID: BundleID): boolean;
  /** @throws when it is not installed */
  getBundle(bundleID: BundleID): Bundle;
}

/**
 * Options of `createVat` from the vat-admin vat. An `undefined` option means the kernel's default.
 * `vatParameters` may contain references.
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

/** Options that `changeVatOptions` may change. */
export interface ChangeableVatOptions {
  readonly reapInterval?: number | 'never';
}

/** In computrons. An `unlimited` meter never runs out and never notifies. */
export interface MeterReading {
  readonly remaining: bigint | 'unlimited';
  readonly threshold: bigint;
}

/** The kernel functions behind the `vatAdmin` device. */
export interface VatAdminHooks extends BundleHooks {
  /**
   * Stores a bundle that a vat sent inline (`createVat(bundle)`), without validation: a broken one
   * fails when the vat starts. Idempotent.
   */
  installBundle(bundle: Bundle): BundleID;
  /**
   * Allocates the vatID and queues the creation. The outcome goes to the vat-admin vat's root:
   * `newVatCallback(vatID, { rootObject })`, or `vatTerminated(vatID, true, error)` if it failed.
   * @throws when the bundle isn't installed or the meter doesn't exist
   */
  createVat(bundleID: BundleID, options: DynamicVatOptions): VatID;
  /**
   * Terminates the vat with failure, at the end of the crank. The root gets
   * `vatTerminated(vatID, true, reason)`. No effect on a vat that no longer exists.
   */
  terminateVat(vatID: VatID, reason: unknown): void;
  /**
   * Queues the upgrade. The root gets `vatUpgradeCallback(upgradeID, true, undefined,
   * incarnation)`, or `vatUpgradeCallback(upgradeID, false, error)` with the vat unchanged.
   * @returns `up1`, `up2`, …
   */
  upgradeVat(
    vatID: VatID,
    bundleID: BundleID,
    vatParameters: unknown,
    upgradeMessage: string,
  ): string;
  /**
   * Queues a restart on the vat's present code. The root hears of it as of an upgrade.
   *
   * @param vatParameters - undefined: those of the vat's last start
   * @returns `up1`, `up2`, …
   */
  restartVat(vatID: VatID, upgradeMessage: string, vatParameters: unknown): string;
  /** Queues the change. Earlier messages to the vat come first. */
  changeOptions(vatID: VatID, options: ChangeableVatOptions): void;

  /** @throws unless both are bigints of at least 0n */
  createMeter(remaining: bigint, threshold: bigint): MeterID;
  createUnlimitedMeter(): MeterID;
  /** @throws unless `delta` is a bigint of at least 0n; no effect on an unlimited meter */
  addMeterRemaining(meterID: MeterID, delta: bigint): void;
  /** @throws unless `threshold` is a bigint of at least 0n; no effect on an unlimited meter */
  setMeterThreshold(meterID: MeterID, threshold: bigint): void;
  getMeter(meterID: MeterID): MeterReading;

  /** Does the vat exist, not terminated? Not in SwingSet. */
  hasVat(vatID: VatID): boolean;
  /** Ends the incarnation. Deliveries wait until `resumeVat`. Not in SwingSet. */
  suspendVat(vatID: VatID): void;
  /** Returns false if the host suspended the vat: only the host may resume it. Not in SwingSet. */
  resumeVat(vatID: VatID): boolean;
  /** Sets deliveries aside until `unpauseVat`. The incarnation stays. Not in SwingSet. */
  pauseVat(vatID: VatID): void;
  /** Returns false if the host paused the vat: only the host may unpause it. Not in SwingSet. */
  unpauseVat(vatID: VatID): boolean;
}

/**
 * Messages from the kernel to the root of the vat-admin vat, sent without a result. `error` and
 * `info` are what the vat ended with: any data but promises.
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
