/** The configuration of a new kernel. */
import type { DynamicVatOptions } from '../state/events.js';
import type { BundleID } from '../types/ids.js';
import type { HeapPolicy } from '../types/policies.js';
import type { DirtThreshold, ManagerType } from '../types/vat-options.js';

/** Options of a new vat, the same for static vats and `createVat`. */
export interface VatCreationOptions extends Omit<DynamicVatOptions, 'managerType'> {
  readonly managerType?: ManagerType;
}

/** A configuration after bundling: the bundles of all vats and devices are in the bundleStore. */
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
        /** Absent for a built-in device. */
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
  /** The limit per delivery for xsnap vats without a meter. */
  readonly computronLimit: number | 'never';
  readonly heapPolicy?: HeapPolicy | undefined;
  readonly relaxDurabilityRules: boolean;
  /** Pins the bootstrap vat's root, so that the host can keep sending to it. */
  readonly pinBootstrapRoot: boolean;
  /** JSON data that the bootstrap vat gets as `vatParameters.argv`. */
  readonly argv?: unknown;
}
