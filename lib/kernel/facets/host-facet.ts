/** What a host may ask of a running kernel between cranks. */
import type { Bundle } from '../../store/types.js';
import type {
  BundleID,
  DeviceKRef,
  KRef,
  ObjectKRef,
  PromiseKRef,
  VatID,
} from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import type { ResolutionPolicy } from '../../types/policies.js';
import type { KernelDump, VatStatus } from './dump.js';

export interface PromiseStatus {
  readonly state: 'unresolved' | 'fulfilled' | 'rejected';
  readonly data?: CapData<KRef>;
}

/** Asynchronous methods must be called one at a time. */
export interface HostFacet {
  queueToKref(
    target: ObjectKRef | PromiseKRef,
    method: string | symbol,
    args: readonly unknown[],
    policy?: ResolutionPolicy,
  ): PromiseKRef;
  /** Like `queueToKref`, without a promise for the result. */
  castToKref(
    target: ObjectKRef | PromiseKRef,
    method: string | symbol,
    args: readonly unknown[],
  ): void;
  /** Like `queueToKref`, with marshalled arguments. */
  queueCapDataToKref(target: KRef, methargs: CapData<KRef>, policy?: ResolutionPolicy): PromiseKRef;
  kpRegisterInterest(kpid: PromiseKRef): void;
  /** `unknown`: the promise does not exist, or no longer exists. */
  kpStatus(kpid: PromiseKRef): PromiseStatus['state'] | 'unknown';
  /** Ends one `kpRegisterInterest`. With `incref` (default), the host holds the references. */
  kpResolution(kpid: PromiseKRef, options?: { incref?: boolean }): CapData<KRef>;
  pinObject(kref: ObjectKRef): void;
  vatNameToID(name: string): VatID;
  deviceNameToID(name: string): string;
  getRootObject(vatID: VatID): ObjectKRef;
  getRootDeviceNode(deviceName: string): DeviceKRef;
  installBundle(bundleID: BundleID, bundle: Bundle): BundleID;

  /** `pauseFirst`: sends `pauseService()` to the vat's root before the upgrade. */
  upgradeStaticVat(
    vatID: VatID,
    pauseFirst: boolean,
    bundleID: BundleID,
    options: Readonly<Record<string, unknown>>,
  ): PromiseKRef;
  terminateVat(vatID: VatID, reason: CapData<KRef>): void;
  changeKernelOptions(options: Readonly<Record<string, unknown>>): void;
  /** Sets every limited meter to `remaining` computrons. Notifies nobody. */
  resetAllMeters(remaining: bigint): void;
  reapAllVats(
    previousPositions?: Readonly<Record<string, number>>,
  ): Readonly<Record<string, number>>;
  snapshotAllVats(): Promise<readonly VatID[]>;
  injectQueuedUpgradeEvents(): void;

  /** Rejects with VatStateError if the vat can't start. It then stays suspended, with its error. */
  resumeVat(vatID: VatID): Promise<void>;
  suspendVat(vatID: VatID): Promise<void>;
  pauseVat(vatID: VatID): void;
  unpauseVat(vatID: VatID): void;

  getActivityhash(): string;
  getStats(): Readonly<Record<string, number>>;
  getStatus(): { readonly activeVats: readonly VatStatus[] };
  dump(): KernelDump;
}
