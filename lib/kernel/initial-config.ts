/** What a new kernel is made of. */
import type { DynamicVatOptions } from '../state/events.js';
import type { BundleID } from '../types/ids.js';
import type { DirtThreshold, ManagerType } from '../types/vat-options.js';

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
