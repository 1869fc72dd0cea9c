/**
 * The type names of SwingSet's public API (`src/types-external.js`), for hosts and vats written in
 * TypeScript. Where this package has a type of its own for the same thing, the name stands for it.
 *
 * Boundary: types only; every module may be imported from here, and nothing is at run time.
 */
import type { CapData, VatDelivery, VatDeliveryResult, VatSyscall } from '../types/messages.js';
import type { VatSyscallResult } from '../types/messages.js';
import type { CleanupBudget, RunPolicy } from '../types/policies.js';
import type { Bundle as AnyBundle, KernelStorage } from '../store/types.js';
import type { SwingsetKernelConfig } from '../controller/kernel-config.js';
import type { LocalWarehousePolicy } from '../controller/option-types.js';
import type { ManagerTypeName, SwingSetConfig } from '../controller/config-types.js';
import type { ExportedMailbox, PeerMailbox } from '../devices/mailbox/mailbox-state.js';

export type { RunPolicy, SwingSetConfig, VatDeliveryResult, VatSyscallResult };
export type { HostStorage as SwingStoreHostStorage } from '../store/types.js';
export type { KVStore, SnapshotResult, SnapStore, TranscriptStore } from '../store/types.js';
export type { SwingStore } from '../store/swing-store.js';

/** A value, or a promise for it. */
type Eventually<T> = T | PromiseLike<T>;

// Data

/** Marshalled data with slots of any kind. */
export type SwingSetCapData = CapData;
export interface Message {
  methargs: SwingSetCapData;
  result?: string | undefined | null;
}

// Devices

/** A device node that a vat holds; `T` has the methods that `D(node)` offers. */
export type Device<T> = 'Device' & { __deviceType__: T };
export type DProxy = <T>(target: Device<T>) => T;
/** Node, method and arguments. */
export type DeviceInvocation = [target: string, method: string, args: SwingSetCapData];
export type DeviceInvocationResultOk = [tag: 'ok', data: SwingSetCapData];
export type DeviceInvocationResultError = [tag: 'error', problem: string];
export type DeviceInvocationResult = DeviceInvocationResultOk | DeviceInvocationResultError;
export type Mailbox = PeerMailbox;
export type MailboxExport = ExportedMailbox;

// Bundles

export type BundleID = string;
/** A device node that stands for an installed bundle. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an opaque capability
export type BundleCap = any;
export type BundleFormat = 'endoZipBase64' | 'nestedEvaluate' | 'getExport';
export interface EndoZipBase64Bundle {
  moduleFormat: 'endoZipBase64';
  endoZipBase64: string;
  endoZipBase64Sha512: string;
}
export interface NestedEvaluateBundle {
  moduleFormat: 'nestedEvaluate';
  source: string;
  sourceMap?: string;
}
/** Can be written down; no swingstore can hold it. */
export interface GetExportBundle {
  moduleFormat: 'getExport';
  source: string;
  sourceMap?: string;
}
/** A module's namespace in the place of its source. */
export interface TestBundle {
  moduleFormat: 'test';
  [key: symbol]: Record<PropertyKey, unknown>;
}
export type Bundle =
  AnyBundle | EndoZipBase64Bundle | NestedEvaluateBundle | GetExportBundle | TestBundle;

// Configurations

export type ManagerType = ManagerTypeName | 'node-subprocess';
export interface KernelOptions {
  defaultManagerType?: ManagerType;
  defaultReapInterval?: number | 'never';
  defaultReapGCKrefs?: number | 'never';
  relaxDurabilityRules?: boolean;
  snapshotInitial?: number;
  snapshotInterval?: number;
  pinBootstrapRoot?: boolean;
}
export interface BundleRef {
  bundle: Bundle;
}
/** Names an entry of `config.bundles`. */
export interface BundleName {
  bundleName: string;
}
/** The path of a file with a bundle. */
export interface BundleSpec {
  bundleSpec: string;
}
/** The path of a module. */
export interface SourceSpec {
  sourceSpec: string;
}
export type SourceOfBundle = BundleName | BundleRef | { bundleID: BundleID };
export interface VatConfigOptions {
  bundleID?: BundleID;
  creationOptions?: StaticVatOptions;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any data
  parameters?: Record<string, any>;
}
export type SwingSetConfigProperties<Fields = object> = Fields &
  (SourceSpec | BundleSpec | BundleName | BundleRef);
/** By name. */
export type SwingSetConfigDescriptor<Fields = object> = Record<
  string,
  SwingSetConfigProperties<Fields>
>;
/** What a configuration says besides `KernelOptions`. */
export interface SwingSetOptions {
  vats: SwingSetConfigDescriptor<VatConfigOptions>;
  bootstrap?: string;
  bundles?: SwingSetConfigDescriptor;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each device has its own
  devices?: any;
  bundleCachePath?: string;
  bundleFormat?: BundleFormat;
  includeDevDependencies?: boolean;
}
export type SwingSetKernelConfig = SwingsetKernelConfig;
export type VatWarehousePolicy = LocalWarehousePolicy;

// Vats

export interface TerminationVatPowers {
  exitVat(completion: unknown): void;
  exitVatWithFailure(reason: Error): void;
}
export type VatPowers = TerminationVatPowers;
/** Historical: vats have no such powers. */
export interface MeteringVatPowers {
  makeGetMeter: unknown;
  transformMetering: unknown;
}
export type StaticVatPowers = VatPowers & MeteringVatPowers;

export interface BaseVatOptions {
  name?: string;
  managerType?: ManagerType;
  vatParameters?: unknown;
  enableSetup?: boolean;
  enablePipelining?: boolean;
  useTranscript?: boolean;
  critical?: boolean;
  neverReap?: boolean;
  reapInterval?: number | 'never';
  reapGCKrefs?: number | 'never';
}
export interface OptMeter {
  meter?: unknown;
}
export interface OptEnableDisavow {
  enableDisavow?: boolean;
}
export interface OptNodeOptions {
  nodeOptions?: string[];
}
/** `creationOptions` of a configuration's vat. */
export type StaticVatOptions = BaseVatOptions & OptEnableDisavow & OptNodeOptions;
/** Options of `E(vatAdminService).createVat`. */
export type DynamicVatOptions = Omit<BaseVatOptions, 'vatParameters'> &
  OptMeter & { name?: string; vatParameters?: object };
export interface VatUpgradeOptions {
  vatParameters?: object;
  upgradeMessage?: string;
}
export interface VatUpgradeResults {
  incarnationNumber: number;
}
/** Ends something for a reason. It may return, so that the caller should throw afterwards. */
export type ShutdownWithFailure = (reason: Error) => void;
/** Control over one dynamic vat. */
export interface VatAdminFacet {
  /** Settles when the vat ends: with its completion, or rejected with the reason. */
  done(): Promise<unknown>;
  terminateWithFailure: ShutdownWithFailure;
  upgrade(bundleCap: BundleCap, options?: VatUpgradeOptions): Promise<VatUpgradeResults>;
  changeOptions(options: { reapInterval?: number | 'never' }): Promise<void>;
}
export interface CreateVatResults {
  adminNode: VatAdminFacet;
  root: object;
}
/** What `E(vats.vatAdmin).createVatAdminService(devices.vatAdmin)` answers. */
export interface VatAdminSvc {
  waitForBundleCap(id: BundleID): Eventually<BundleCap>;
  getBundleCap(id: BundleID): Eventually<BundleCap>;
  getNamedBundleCap(name: string): Eventually<BundleCap>;
  getBundleIDByName(name: string): Eventually<BundleID>;
  createVat(bundleCap: BundleCap, options?: DynamicVatOptions): Eventually<CreateVatResults>;
}

// Deliveries and syscalls, with vrefs for the vat and krefs for the kernel

export type VatDeliveryObject = VatDelivery;
export type VatSyscallObject = VatSyscall;
export type ResolutionPolicy = 'none' | 'ignore' | 'logAlways' | 'logFailure' | 'panic';

export type KernelDeliveryMessage = [tag: 'message', target: string, msg: Message];
export type KernelDeliveryOneNotify = [
  kpid: string,
  promise: { state: string; data: SwingSetCapData },
];
export type KernelDeliveryNotify = [tag: 'notify', resolutions: KernelDeliveryOneNotify[]];
export type KernelDeliveryDropExports = [tag: 'dropExports', krefs: string[]];
export type KernelDeliveryRetireExports = [tag: 'retireExports', krefs: string[]];
export type KernelDeliveryRetireImports = [tag: 'retireImports', krefs: string[]];
export type KernelDeliveryChangeVatOptions = [
  tag: 'changeVatOptions',
  options: Record<string, unknown>,
];
export type KernelDeliveryStartVat = [tag: 'startVat', vatParameters: SwingSetCapData];
export type KernelDeliveryStopVat = [tag: 'stopVat', disconnectObject: SwingSetCapData];
export type KernelDeliveryBringOutYourDead = [tag: 'bringOutYourDead'];
export type KernelDeliveryObject =
  | KernelDeliveryMessage
  | KernelDeliveryNotify
  | KernelDeliveryDropExports
  | KernelDeliveryRetireExports
  | KernelDeliveryRetireImports
  | KernelDeliveryChangeVatOptions
  | KernelDeliveryStartVat
  | KernelDeliveryStopVat
  | KernelDeliveryBringOutYourDead;

export type KernelOneResolution = [kpid: string, rejected: boolean, data: SwingSetCapData];
export type KernelSyscallSend = [tag: 'send', target: string, msg: Message];
export type KernelSyscallInvoke = [
  tag: 'invoke',
  target: string,
  method: string,
  args: SwingSetCapData,
];
export type KernelSyscallSubscribe = [tag: 'subscribe', vatID: string, kpid: string];
export type KernelSyscallResolve = [
  tag: 'resolve',
  vatID: string,
  resolutions: KernelOneResolution[],
];
export type KernelSyscallExit = [
  tag: 'exit',
  vatID: string,
  isFailure: boolean,
  info: SwingSetCapData,
];
export type KernelSyscallVatstoreGet = [tag: 'vatstoreGet', vatID: string, key: string];
export type KernelSyscallVatstoreGetNextKey = [
  tag: 'vatstoreGetNextKey',
  vatID: string,
  priorKey: string,
];
export type KernelSyscallVatstoreSet = [
  tag: 'vatstoreSet',
  vatID: string,
  key: string,
  data: string,
];
export type KernelSyscallVatstoreDelete = [tag: 'vatstoreDelete', vatID: string, key: string];
export type KernelSyscallDropImports = [tag: 'dropImports', krefs: string[]];
export type KernelSyscallRetireImports = [tag: 'retireImports', krefs: string[]];
export type KernelSyscallRetireExports = [tag: 'retireExports', krefs: string[]];
export type KernelSyscallAbandonExports = [tag: 'abandonExports', vatID: string, krefs: string[]];
export type KernelSyscallCallKernelHook = [
  tag: 'callKernelHook',
  hookName: string,
  args: SwingSetCapData,
];
export type KernelSyscallObject =
  | KernelSyscallSend
  | KernelSyscallInvoke
  | KernelSyscallSubscribe
  | KernelSyscallResolve
  | KernelSyscallExit
  | KernelSyscallVatstoreGet
  | KernelSyscallVatstoreGetNextKey
  | KernelSyscallVatstoreSet
  | KernelSyscallVatstoreDelete
  | KernelSyscallDropImports
  | KernelSyscallRetireImports
  | KernelSyscallRetireExports
  | KernelSyscallAbandonExports
  | KernelSyscallCallKernelHook;
export type KernelSyscallResultOk = [
  tag: 'ok',
  data: SwingSetCapData | string | string[] | undefined[] | null,
];
export type KernelSyscallResultError = [tag: 'error', problem: string];
export type KernelSyscallResult = KernelSyscallResultOk | KernelSyscallResultError;

// The structured log

export type SlogProps = Record<string, unknown> & { type: string; time?: never; monotime?: never };
export type SlogDurationProps = Omit<SlogProps, 'type'> & { type?: never; seconds?: never };
export type FinishSlogDuration = (extraProps?: SlogDurationProps) => void;
export type SlogFinishDelivery = (result: VatDeliveryResult) => void;
export type SlogFinishSyscall = (forKernel: KernelSyscallResult, forVat: VatSyscallResult) => void;
export interface VatSlog {
  delivery(
    crankNum: bigint,
    deliveryNum: bigint,
    forKernel: KernelDeliveryObject,
    forVat: VatDeliveryObject,
  ): SlogFinishDelivery;
}
/** The part of SwingSet's slogger that hosts write to; here `controller.writeSlogObject`. */
export interface KernelSlog {
  write(entry: SlogProps): void;
  startDuration(
    labels: readonly [startLabel: string, endLabel: string],
    startProps: SlogDurationProps,
  ): FinishSlogDuration;
}

// Run policies

export type SwingStoreKernelStorage = KernelStorage;
export type { CleanupBudget };
export interface CleanupWork {
  exports: number;
  imports: number;
  promises: number;
  kv: number;
  snapshots: number;
  transcripts: number;
}
export type PolicyInputCleanupCounts = CleanupWork & { total: number };
export interface PolicyInputDetails {
  computrons?: bigint;
}
export interface PolicyInputCleanupDetails extends PolicyInputDetails {
  cleanups: PolicyInputCleanupCounts;
}
export type PolicyInputNone = [tag: 'none', details: PolicyInputDetails];
export type PolicyInputCreateVat = [tag: 'create-vat', details: PolicyInputDetails];
export type PolicyInputCrankComplete = [tag: 'crank', details: PolicyInputDetails];
export type PolicyInputCrankFailed = [tag: 'crank-failed', details: PolicyInputDetails];
export type PolicyInputCleanup = [tag: 'cleanup', details: PolicyInputCleanupDetails];
export type PolicyInput =
  | PolicyInputNone
  | PolicyInputCreateVat
  | PolicyInputCrankComplete
  | PolicyInputCrankFailed
  | PolicyInputCleanup;
/** Whether to go on. */
export type PolicyOutput = boolean;
export type PolicyOutputCleanupBudget = CleanupBudget | boolean;

// Parts of SwingSet's kernel that no host holds

export interface VatStats {
  transcriptCount: number;
}
/** A vat's tables in SwingSet's kernel. */
export type VatKeeper = object;
/** All tables in SwingSet's kernel. */
export type KernelKeeper = object;
/** A worker process. */
export type XSnap = object;
export type WaitUntilQuiescent = () => Promise<void>;
