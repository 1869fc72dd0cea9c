/** What a host may ask of a running kernel between its cranks. */
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

/** All async methods must be called one at a time. */
export interface HostFacet {
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
  suspendVat(vatID: VatID): Promise<void>;
  pauseVat(vatID: VatID): void;
  unpauseVat(vatID: VatID): void;

  getActivityhash(): string;
  getStats(): Readonly<Record<string, number>>;
  getStatus(): { readonly activeVats: readonly VatStatus[] };
  dump(): KernelDump;
}
