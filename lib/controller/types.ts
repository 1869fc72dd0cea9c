/** The controller: a host's handle on a running kernel. Methods as SwingSet's controller has them. */
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

/** Ends a slog event that `slogDuration` began, with more properties. At most once. */
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

/** `none`: no promise is made for the result. */
export type HostResultPolicy = ResolutionPolicy | 'none';

/** A message of the host to something in the kernel, and the promise for its result. */
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
 * Methods that change kernel state or run vats are refused with `KernelBusyError` while `run`,
 * `step` or another asynchronous one has not finished. Nothing here commits: that is
 * `hostStorage.commit()`.
 */
export interface SwingsetController extends PassedThrough {
  /** Runs until there is no work or the policy stops it; returns the number of cranks. */
  run(policy?: RunPolicy): Promise<number>;
  /** At most one crank; returns how many were run. */
  step(): Promise<number>;
  /** Stops all workers. The store stays open. */
  shutdown(): Promise<void>;

  /** Queues `method(...args)` to a static vat's root; `args` may hold `kslot` references. */
  readonly queueToVatRoot: QueueTo<string>;
  /** As `queueToVatRoot`, to any object: `target` is a `kslot`. */
  readonly queueToVatObject: QueueTo<unknown>;
  /** Keeps a promise that the host wants to read later from being collected. */
  kpRegisterInterest(kpid: string): void;
  /** `unknown` for a promise that does not exist (any more). */
  kpStatus(kpid: string): 'unresolved' | 'fulfilled' | 'rejected' | 'unknown';
  kpResolution(kpid: string, options?: { readonly incref?: boolean }): CapData<KRef>;

  /**
   * Checks a bundle and puts it in the store.
   * @throws BadBundleError when it is damaged or not the one that `alleged` says
   */
  validateAndInstallBundle(bundle: Bundle, alleged?: string): Promise<BundleID>;
  /** Queues an upgrade; the promise resolves to the result, or rejects with the reason. */
  upgradeStaticVat(
    vatName: string,
    shouldPauseFirst: boolean,
    bundleID: string,
    options?: StaticVatUpgradeOptions,
  ): PromiseKRef;
  terminateVat(vatID: string, reason: CapData): void;
  /** Gives every meter that is not unlimited so many computrons. Notifies nobody. */
  resetAllMeters(remaining: bigint): void;
  /**
   * Schedules a bringOutYourDead for each vat that has moved on from the position given for it.
   * @returns the positions to give to the next call
   */
  reapAllVats(previousVatPos?: Readonly<Record<string, number>>): Readonly<Record<string, number>>;
  snapshotAllVats(): Promise<readonly VatID[]>;
  /** Brings a suspended or paused vat back; what waits for it is delivered by the next `run`. */
  resumeVat(vatID: string): Promise<void>;
  /** Ends the vat's incarnation and lets deliveries wait until `resumeVat`. */
  suspendVat(vatID: string): Promise<void>;
  /** Lets deliveries wait until `unpauseVat`; the incarnation goes on then. */
  pauseVat(vatID: string): void;
  /** A vat that is suspended as well starts with its first delivery. */
  unpauseVat(vatID: string): void;

  /** Keeps a static vat's root object from being collected; returns its kref. */
  pinVatRoot(vatName: string): ObjectKRef;
  vatNameToID(vatName: string): VatID;
  deviceNameToID(deviceName: string): string;
  getRootObject(vatID: string): ObjectKRef;

  writeSlogObject(entry: SlogEntry): void;
  /**
   * Writes an event with `labels[0]` and one with `labels[1]`, `seconds` later, around `action`.
   * `action` may finish the event itself with more properties.
   */
  slogDuration<T>(
    labels: readonly [string, string],
    startProperties: Readonly<Record<string, unknown>>,
    action: (finish: FinishSlogEvent, ...args: unknown[]) => Promise<T> | T,
    ...args: unknown[]
  ): Promise<T>;
  /** Adds a line to what `dump().log` shows. */
  log(line: string): void;
  /** Prints each delivery and syscall. Needs a controller made with `verbose` or `slogSender`. */
  verboseDebugMode(on: boolean): void;
  readonly debug: {
    addDeviceHook(deviceName: string, hookName: string, hook: DeviceHook): void;
  };
}
