/** What the controller gives the kernel, and what it gets. */
import type { Bundle, KernelStorage } from '../store/types.js';
import type {
  BundleID,
  ClistOwner,
  DeviceKRef,
  KRef,
  ObjectKRef,
  PromiseKRef,
  VatID,
} from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import type { SlogSender } from '../types/slog.js';
import type { DirtThreshold, ManagerType, VatOptions } from '../types/vat-options.js';
import type { DeviceHook, DeviceRuntime, DeviceStartOptions } from '../devices/types.js';
import type { SnapshotSchedule, VatRecords, VatWarehouse } from '../workers/types.js';
import type { KernelSettingsOverride } from '../state/kernel-settings.js';
import type { PlatformEpochTable } from '../state/platform-epochs.js';
import type { DynamicVatOptions } from '../state/events.js';
import type { AbandonedObjects, VatRestartResult } from '../platform-epoch/types.js';
import type { QueuedEvents } from '../platform-epoch/queued-events.js';
import type { Platform } from '../platform/types.js';

/** Options a vat may be created with; the same for static vats, `createVat` and upgrades. */
export interface VatCreationOptions extends Omit<DynamicVatOptions, 'managerType'> {
  readonly managerType?: ManagerType;
}

/** A configuration after bundling: every vat and device has its bundle in the bundleStore. */
export interface KernelConfig {
  readonly bootstrap?: string;
  readonly vats: Readonly<
    Record<
      string,
      {
        readonly bundleID: BundleID;
        readonly parameters?: Readonly<Record<string, unknown>>;
        readonly creationOptions?: VatCreationOptions;
      }
    >
  >;
  readonly devices: Readonly<
    Record<
      string,
      {
        /** A built-in device needs none. */
        readonly bundleID?: BundleID;
        readonly parameters?: unknown;
        readonly creationOptions?: { readonly unendowed?: boolean };
      }
    >
  >;
  readonly namedBundleIDs: Readonly<Record<string, BundleID>>;
  readonly defaultManagerType: ManagerType;
  readonly defaultReapDirtThreshold: DirtThreshold;
  readonly snapshotInitial: number;
  readonly snapshotInterval: number | 'never';
  /** Computrons per delivery of xsnap vats without a meter. */
  readonly computronLimit: number | 'never';
  readonly relaxDurabilityRules: boolean;
  /** Keep a pin on the bootstrap vat's root, so that the host can go on sending to it. */
  readonly pinBootstrapRoot: boolean;
  /** argv of `initializeSwingset`, JSON data: `vatParameters.argv` of the bootstrap vat. */
  readonly argv: unknown;
}

export type ResolutionPolicy = 'ignore' | 'logAlways' | 'logFailure' | 'panic';

/**
 * What becomes of a crank whose worker dies three times of nothing that the vat did. A death is this
 * machine's affair: `panic` stops the kernel before anything of it becomes state, and the next boot
 * tries again. `terminate` ends the vat; on replicas, all of them must do so in the same crank. So it
 * is with a snapshot that the engine can't write, but that with `terminate` the vat goes on without.
 */
export type WorkerDeathPolicy = 'panic' | 'terminate';

/** What the kernel lets the warehouse see. */
export interface WarehousePorts {
  readonly records: VatRecords;
  readonly relaxDurabilityRules: boolean;
  readonly snapshotSchedule: SnapshotSchedule;
  readonly slog: SlogSender;
  readonly testLog: (line: string) => void;
}

export interface KernelPowers {
  readonly kernelStorage: KernelStorage;
  /** Makes the warehouse over what the kernel knows of its vats. */
  readonly makeWarehouse: (ports: WarehousePorts) => VatWarehouse;
  /** What new incarnations run on. */
  readonly platform: Platform;
  /**
   * The ID of the platform image that new xsnap incarnations start from; without one they start from
   * bundles. Called once, when the kernel may write.
   */
  readonly findImage: () => Promise<string | undefined>;
  /** Absent when nobody listens, so that nothing is made up for it. */
  readonly slogSender?: SlogSender;
  /** Starts the code of a device: imports its bundle or takes the built-in one. */
  readonly startDevice: (
    bundle: Bundle | undefined,
    options: DeviceStartOptions,
  ) => Promise<DeviceRuntime>;
  readonly deviceEndowments: Readonly<Record<string, unknown>>;
  /** For reports and slog only. Milliseconds. */
  readonly now: () => number;
  readonly console: Pick<Console, 'log' | 'warn' | 'error'>;
  /** Default: `panic`. */
  readonly onWorkerDeath?: WorkerDeathPolicy;
  /** What vats run on of which nothing says it: those of a store that SwingSet made. */
  readonly assumedEngine?: string;
  /** Named fault points for specs; absent in production. */
  readonly faultPoint?: (name: string) => void | Promise<void>;
  /** For specs and rehearsals. */
  readonly stateOptions?: KernelSettingsOverride;
}

/** Facts about one crank that a run policy decides by. */
export interface RunPolicy {
  /** Also of a vat that could not start. */
  vatCreated(details: { readonly computrons?: bigint }): boolean;
  crankComplete(details: { readonly computrons?: bigint }): boolean;
  /** A vat ended for a fault of its own: an error, an overdrawn meter, an illegal syscall. */
  crankFailed(details: object): boolean;
  emptyCrank(): boolean;
  /** By kind, and `total`; 0 for kinds of which nothing was deleted. */
  didCleanup?(details: { readonly cleanups: Readonly<Record<string, number>> }): boolean;
  /** `true`: as much as there is. */
  allowCleanup?(): boolean | CleanupBudget;
}

/** How much of a terminated vat may be deleted per crank; missing kinds take `default`. */
export interface CleanupBudget {
  readonly default?: number;
  readonly exports?: number;
  readonly imports?: number;
  readonly promises?: number;
  readonly kv?: number;
  readonly snapshots?: number;
  readonly transcripts?: number;
}

export interface PromiseStatus {
  readonly state: 'unresolved' | 'fulfilled' | 'rejected';
  readonly data?: CapData<KRef>;
}

export interface VatStatus {
  readonly id: VatID;
  readonly options: VatOptions;
  readonly suspended?: SuspensionStatus;
}

export interface SuspensionStatus {
  readonly suspended: boolean;
  readonly paused: boolean;
  readonly error: string | undefined;
  readonly waiting: number;
  readonly sinceCrank: number;
}

/** A started kernel. All async methods must be called one at a time. */
export interface Kernel {
  /** Runs until the queues are empty or the policy says stop; returns the number of cranks. */
  run(policy?: RunPolicy): Promise<number>;
  /** One crank; returns how many were run (0 or 1). */
  step(): Promise<number>;
  shutdown(): Promise<void>;

  queueToKref(
    target: ObjectKRef | PromiseKRef,
    method: string | symbol,
    args: readonly unknown[],
    policy?: ResolutionPolicy,
  ): PromiseKRef;
  /** As `queueToKref`, without a promise for the result. */
  castToKref(
    target: ObjectKRef | PromiseKRef,
    method: string | symbol,
    args: readonly unknown[],
  ): void;
  /** As `queueToKref`, with arguments that are already marshalled. */
  queueCapDataToKref(target: KRef, methargs: CapData<KRef>, policy?: ResolutionPolicy): PromiseKRef;
  kpRegisterInterest(kpid: PromiseKRef): void;
  /** `unknown`: there is no such promise, or not any more. */
  kpStatus(kpid: PromiseKRef): PromiseStatus['state'] | 'unknown';
  /** Uses up one `kpRegisterInterest`. With `incref` (default) the host holds what it got. */
  kpResolution(kpid: PromiseKRef, options?: { incref?: boolean }): CapData<KRef>;
  pinObject(kref: ObjectKRef): void;
  vatNameToID(name: string): VatID;
  deviceNameToID(name: string): string;
  getRootObject(vatID: VatID): ObjectKRef;
  getRootDeviceNode(deviceName: string): DeviceKRef;
  addDeviceHook(deviceName: string, hookName: string, hook: DeviceHook): void;
  installBundle(bundleID: BundleID, bundle: Bundle): BundleID;

  /** `pauseFirst`: the vat's root hears `pauseService()` before. */
  upgradeStaticVat(
    vatID: VatID,
    pauseFirst: boolean,
    bundleID: BundleID,
    options: Readonly<Record<string, unknown>>,
  ): PromiseKRef;
  terminateVat(vatID: VatID, reason: CapData<KRef>): void;
  changeKernelOptions(options: Readonly<Record<string, unknown>>): void;
  /** Gives every meter that is not unlimited so many computrons. Notifies nobody. */
  resetAllMeters(remaining: bigint): void;
  reapAllVats(
    previousPositions?: Readonly<Record<string, number>>,
  ): Readonly<Record<string, number>>;
  snapshotAllVats(): Promise<readonly VatID[]>;
  injectQueuedUpgradeEvents(): void;

  /** Rejects with VatStateError for a vat that can't start, which stays suspended with its error. */
  resumeVat(vatID: VatID): Promise<void>;
  suspendVat(vatID: VatID, options?: SuspendOptions): Promise<void>;
  pauseVat(vatID: VatID): void;
  unpauseVat(vatID: VatID): void;

  getActivityhash(): string;
  getStats(): Readonly<Record<string, number>>;
  getStatus(): { readonly activeVats: readonly VatStatus[] };
  dump(): KernelDump;
  /** Lines written by `vatPowers.testLog`. */
  readonly testLog: readonly string[];
}

export interface SuspendOptions {
  /** Default true. False for a vat that does not replay: it gets no last bringOutYourDead. */
  readonly lastRites?: boolean;
}

/** How one vat is to be restarted. */
export interface VatRestartRequest {
  readonly vatID: VatID;
  /** What holders of its promises and objects are told. */
  readonly upgradeMessage: string;
  /** False: the old incarnation gets no last bringOutYourDead. */
  readonly lastRites: boolean;
  /** `panic` is the caller's to carry out, but for a vat that starts later. */
  readonly onVatFailure: 'suspend' | 'terminate' | 'panic';
  /** Only end the incarnation; the first delivery starts the next (mode `lazy`). */
  readonly startLater: boolean;
  /** Writes the result into the ledger, in the same crank. */
  readonly note: (epochs: PlatformEpochTable, result: VatRestartOutcome) => void;
}

/**
 * The turn of one vat as the kernel knows it. Whose parameters they were is the caller's to know, and
 * who holds what the vat abandoned shows when all vats are done.
 */
export interface RestartedVat {
  readonly result: Omit<VatRestartResult, 'parameters' | keyof AbandonedObjects>;
  readonly abandoned: readonly ObjectKRef[];
}

export interface LiveVat {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly critical: boolean;
  readonly isStatic: boolean;
  readonly bundleID: BundleID;
  readonly incarnation: number;
}

/** The part of a result that the ledger counts. */
export type VatRestartOutcome = Pick<VatRestartResult, 'result' | 'error'>;

/**
 * What `lib/platform-epoch` needs of a kernel that is being started: nothing runs yet but the
 * devices. Each `restartVat` and each `writeLedger` is a crank of its own.
 */
export interface PlatformRestartPort {
  readonly epochs: PlatformEpochTable;
  readonly platform: Platform;
  readonly crankNumber: number;
  /** By number, so static ones come first. */
  liveVats(): readonly LiveVat[];
  /** False once the start of another vat has ended it. */
  isLive(vatID: VatID): boolean;
  /**
   * What the present incarnation of an xsnap vat is bound to; its engine is undefined where nothing
   * says. Undefined for `local` vats and for those between incarnations.
   */
  boundTo(vatID: VatID): { readonly engine: string | undefined } | undefined;
  /** Can the running engine still load the vat's worker? A function of what is recorded. */
  isLoadable(vatID: VatID): boolean;
  /** As `isLoadable`, and surely by the same liveslots that the incarnation has run on so far. */
  isContinuable(vatID: VatID): boolean;
  /** A value as a vat's parameters, or what was expected instead. Marshalled data stays as it is. */
  readParameters(value: unknown): { readonly data: CapData<KRef> } | { readonly expected: string };
  /** Events that a run of the kernel would deliver. */
  countQueued(): QueuedEvents;
  /** What the vat has retained for its next start. */
  getParameters(vatID: VatID): CapData<KRef> | undefined;
  /** Inside `writeLedger`: replaces what the vat has retained, and moves the references. */
  setParameters(vatID: VatID, parameters: CapData<KRef>): void;
  /** Is the event of the vat's first life still in the queue? */
  isUnborn(vatID: VatID): boolean;
  /** False for a vat without a transcript, which is started once and for all. */
  takesParameters(vatID: VatID): boolean;
  /** Inside `writeLedger`: notes the engine that the host assumes for a vat of which nothing says it. */
  recordEngine(vatID: VatID): void;
  restartVat(request: VatRestartRequest): Promise<RestartedVat>;
  /** Who still holds what the vats abandoned; see `findAbandonedHeld`. */
  findAbandonedHeld(
    abandoned: ReadonlyMap<VatID, readonly ObjectKRef[]>,
  ): ReadonlyMap<VatID, AbandonedObjects>;
  /** Does what takes time in `restartVat` before the vat's turn, beside others. */
  runAhead(request: VatRestartRequest): Promise<void>;
  /** Ends what runs ahead; nothing does any more. */
  stopAhead(): Promise<void>;
  /** Inside `writeLedger`: makes the gauges of the statistics exact. */
  recountGauges(): void;
  /** Inside `writeLedger`: a vat that has never run is to start on the running platform. */
  adoptPlatform(vatID: VatID): void;
  writeLedger(type: string, write: (epochs: PlatformEpochTable) => void): Promise<void>;
  readonly slog: SlogSender;
  readonly now: () => number;
  readonly faultPoint: (name: string) => void | Promise<void>;
}

/** A kernel before it runs: devices, then restarts, then workers. */
export interface UnstartedKernel {
  readonly restartPort: PlatformRestartPort;
  /** Finds the platform image and starts devices: nothing is written to the store before. */
  prepare(): Promise<void>;
  /** Brings the preload set online and hands over the running kernel. */
  start(): Promise<Kernel>;
  /** Ends the workers of a kernel that is not to run after all. */
  shutdown(): Promise<void>;
}

/** Everything in the kernel tables in readable form, for debugging and specs. */
export interface KernelDump {
  readonly log: readonly string[];
  readonly acceptanceQueue: readonly unknown[];
  readonly runQueue: readonly unknown[];
  readonly promises: readonly Readonly<Record<string, unknown>>[];
  /** `[kref, owner, reachable, recognizable]`; the owner of an orphan is undefined. */
  readonly objects: readonly (readonly [ObjectKRef, VatID | undefined, number, number])[];
  /** `[kref, vatID or deviceID, vref]`, by kref. */
  readonly kernelTable: readonly (readonly [KRef, ClistOwner, string])[];
  readonly gcActions: readonly string[];
  readonly reapQueue: readonly VatID[];
  readonly vatTables: readonly Readonly<Record<string, unknown>>[];
}
