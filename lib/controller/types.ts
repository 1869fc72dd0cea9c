/** The controller: a host's handle on a running kernel, with the methods of SwingSet's. */
import type { DeviceHook } from '../devices/types.js';
import type { ResolutionPolicy, RunPolicy } from '../types/policies.js';
import type { EpochKernel } from '../platform-epoch/start-kernel.js';
import type { Bundle } from '../store/types.js';
import type { BundleID, KRef, ObjectKRef, PromiseKRef, VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import type { SlogEntry } from '../types/slog.js';

export interface StaticVatUpgradeOptions {
  readonly vatParameters?: unknown;
  readonly upgradeMessage?: string;
}

/** Ends a slog event that `slogDuration` began, and adds properties. Call it at most once. */
export type FinishSlogEvent = (properties?: Readonly<Record<string, unknown>>) => void;

type PassedThrough = Pick<
  EpochKernel,
  | 'changeKernelOptions'
  | 'dump'
  | 'getActivityhash'
  | 'getEpochLedger'
  | 'getPlatformEpoch'
  | 'getPlatformRestartReport'
  | 'getStats'
  | 'getStatus'
  | 'injectQueuedUpgradeEvents'
>;

/** `none`: makes no promise for the result. */
export type HostResultPolicy = ResolutionPolicy | 'none';

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
export interface SwingsetController extends PassedThrough {
  /** Runs until no work is left or the policy stops it. Returns the number of cranks. */
  run(policy?: RunPolicy): Promise<number>;
  /** Runs at most one crank. Returns how many it ran. */
  step(): Promise<number>;
  /** Stops all workers. The store stays open. */
  shutdown(): Promise<void>;

  /** Queues `method(...args)` to a static vat's root; `args` may hold `kslot` references. */
  readonly queueToVatRoot: QueueTo<string>;
  /** Like `queueToVatRoot`, for any object: `target` is a `kslot`. */
  readonly queueToVatObject: QueueTo<unknown>;
  /** Keeps a promise from being collected, so that the host can read it later. */
  kpRegisterInterest(kpid: string): void;
  /** `unknown` for a promise that does not exist, or no longer exists. */
  kpStatus(kpid: string): 'unresolved' | 'fulfilled' | 'rejected' | 'unknown';
  kpResolution(kpid: string, options?: { readonly incref?: boolean }): CapData<KRef>;

  /**
   * Checks a bundle and adds it to the store.
   * @throws BadBundleError when it is damaged, or its ID is not `alleged`
   */
  validateAndInstallBundle(bundle: Bundle, alleged?: string): Promise<BundleID>;
  /** Queues an upgrade. The promise resolves to the result, or rejects with the reason. */
  upgradeStaticVat(
    vatName: string,
    shouldPauseFirst: boolean,
    bundleID: string,
    options?: StaticVatUpgradeOptions,
  ): PromiseKRef;
  terminateVat(vatID: string, reason: CapData): void;
  /** Sets every limited meter to `remaining` computrons. Notifies nobody. */
  resetAllMeters(remaining: bigint): void;
  /**
   * Schedules a bringOutYourDead for each vat whose transcript has grown since the given position.
   * @returns the positions to pass to the next call
   */
  reapAllVats(previousVatPos?: Readonly<Record<string, number>>): Readonly<Record<string, number>>;
  snapshotAllVats(): Promise<readonly VatID[]>;
  /** Brings a suspended or paused vat back. The next `run` delivers what waits for it. */
  resumeVat(vatID: string): Promise<void>;
  /** Ends the vat's incarnation. Its deliveries wait until `resumeVat`. */
  suspendVat(vatID: string): Promise<void>;
  /** Makes deliveries wait until `unpauseVat`. The incarnation stays. */
  pauseVat(vatID: string): void;
  /** Ends a pause. If the vat is suspended as well, it starts with its first delivery. */
  unpauseVat(vatID: string): void;

  /** Keeps a static vat's root object from being collected. Returns its kref. */
  pinVatRoot(vatName: string): ObjectKRef;
  vatNameToID(vatName: string): VatID;
  deviceNameToID(deviceName: string): string;
  getRootObject(vatID: string): ObjectKRef;

  writeSlogObject(entry: SlogEntry): void;
  /**
   * Writes an event labelled `labels[0]`, runs `action`, and writes one labelled `labels[1]` with the
   * `seconds` it took. `action` may finish the event itself, to add properties.
   */
  slogDuration<T>(
    labels: readonly [string, string],
    startProperties: Readonly<Record<string, unknown>>,
    action: (finish: FinishSlogEvent, ...args: unknown[]) => Promise<T> | T,
    ...args: unknown[]
  ): Promise<T>;
  /** Adds a line to `dump().log`. */
  log(line: string): void;
  /** Prints deliveries and syscalls. Needs a controller made with `verbose` or `slogSender`. */
  verboseDebugMode(on: boolean): void;
  readonly debug: {
    addDeviceHook(deviceName: string, hookName: string, hook: DeviceHook): void;
  };
}
