/** What a host may ask of a running kernel: the controller's methods, as SwingSet's has them. */
import type { Bundle } from '../../store/types.js';
import type { BundleID, KRef, ObjectKRef, PromiseKRef, VatID } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import type { ResolutionPolicy } from '../../types/policies.js';
import type { KernelDump, KernelStatus } from './dump.js';

/** `none`: makes no promise for the result. */
export type HostResultPolicy = ResolutionPolicy | 'none';

export interface StaticVatUpgradeOptions {
  readonly vatParameters?: unknown;
  readonly upgradeMessage?: string;
}

/** Queues a message of the host, and returns the promise for its result. */
interface QueueTo<Target> {
  (target: Target, method: string | symbol, args: readonly unknown[], policy: 'none'): undefined;
  (
    target: Target,
    method: string | symbol,
    args?: readonly unknown[],
    policy?: ResolutionPolicy,
  ): PromiseKRef;
}

/**
 * A method that changes kernel state or runs vats throws `KernelBusyError` while `run`, `step` or
 * another asynchronous method has not finished. No method commits: call `hostStorage.commit()`.
 */
export interface HostFacet {
  /** Queues `method(...args)` to a static vat's root; `args` may hold `kslot` references. */
  readonly queueToVatRoot: QueueTo<string>;
  /** Like `queueToVatRoot`, for any object: `target` is a `kslot`. */
  readonly queueToVatObject: QueueTo<unknown>;
  /** Keeps a promise from being collected, so that the host can read it later. */
  kpRegisterInterest(kpid: string): void;
  /** `unknown` for a promise that does not exist, or no longer exists. */
  kpStatus(kpid: string): 'unresolved' | 'fulfilled' | 'rejected' | 'unknown';
  /** Ends one `kpRegisterInterest`. With `incref` (default), the host holds the references. */
  kpResolution(kpid: string, options?: { readonly incref?: boolean }): CapData<KRef>;
  /** Ends one `kpRegisterInterest` without reading: the promise may still be unresolved. */
  kpForget(kpid: string): void;

  /** Installs the bundle that `read` returns. No other call gets through while it reads. */
  readonly installBundle: (
    read: () => Promise<{ readonly bundle: Bundle; readonly bundleID: BundleID }>,
  ) => Promise<BundleID>;
  /**
   * Queues an upgrade. The promise resolves to the result, or rejects with the reason.
   * @param shouldPauseFirst - Sends `pauseService()` to the vat's root before the upgrade.
   */
  upgradeStaticVat(
    vatName: string,
    shouldPauseFirst: boolean,
    bundleID: string,
    options?: StaticVatUpgradeOptions,
  ): PromiseKRef;
  terminateVat(vatID: string, reason: CapData): void;
  changeKernelOptions(options: Readonly<Record<string, unknown>>): void;
  /** Sets every limited meter to `remaining` computrons. Notifies nobody. */
  resetAllMeters(remaining: bigint): void;
  /**
   * Schedules a bringOutYourDead for each vat whose transcript has grown since the given position.
   * @returns the positions to pass to the next call
   */
  reapAllVats(previousVatPos?: Readonly<Record<string, number>>): Readonly<Record<string, number>>;
  snapshotAllVats(): Promise<readonly VatID[]>;
  injectQueuedUpgradeEvents(): void;

  /**
   * Brings a suspended or paused vat back. The next `run` delivers what waits for it.
   * @throws VatStateError if the vat can't start; it then stays suspended, with its error
   */
  resumeVat(vatID: string): Promise<void>;
  /**
   * Restarts the vat on its present code and the running platform, before anything that is queued.
   * Not charged to its meter.
   *
   * @param options.upgradeMessage - told to holders of the vat's promises; default `vat restarted`
   * @param options.vatParameters - default: those of the vat's last start
   * @throws VatStateError if the vat has not started yet, is terminated or suspended, or can't start.
   *   In the last case its old incarnation goes on
   */
  restartVat(
    vatID: string,
    options?: { readonly upgradeMessage?: string; readonly vatParameters?: unknown } | null,
  ): Promise<{ readonly incarnationNumber: number }>;
  /** Ends the vat's incarnation. Its deliveries wait until `resumeVat`. */
  suspendVat(vatID: string): Promise<void>;
  /** Makes deliveries wait until `unpauseVat`. The incarnation stays. */
  pauseVat(vatID: string): void;
  /** Ends a pause. If the vat is suspended as well, it starts with its first delivery. */
  unpauseVat(vatID: string): void;

  /**
   * Takes one message or notification out of a queue, undelivered: one that ends a vat or stops the
   * kernel whenever it is delivered. The promise for a message's result is rejected. A vat that is
   * not notified never hears of the promise (issue 17).
   *
   * @throws BadOptionError if another event stands there, or one that is neither
   */
  dropEvent(place: {
    /** The vat out of service that it waits for. Without it, the event is in the run-queue. */
    readonly vatID?: string;
    /** How many events stand before it. What is still to be routed comes after the run-queue. */
    readonly index: number;
    /** What the caller has found there, as `dump` shows it. */
    readonly event: unknown;
  }): Promise<void>;

  /** Keeps a static vat's root object from being collected. Returns its kref. */
  pinVatRoot(vatName: string): ObjectKRef;
  vatNameToID(vatName: string): VatID;
  deviceNameToID(deviceName: string): string;
  getRootObject(vatID: string): ObjectKRef;

  getActivityhash(): string;
  getStats(): Readonly<Record<string, number>>;
  getStatus(): KernelStatus;
  dump(): KernelDump;
}
