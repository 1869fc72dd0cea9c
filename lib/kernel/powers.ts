/** The powers that the controller gives the kernel. */
import type { Platform } from '../platform/types.js';
import type { KernelSettingsOverride } from '../state/kernel-settings.js';
import type { KernelStorage } from '../store/types.js';
import type { WorkerDeathPolicy } from '../types/policies.js';
import type { SlogOutlet, SlogSender } from '../types/slog.js';
import type { DevicePowers } from './delivery/device-manager.js';
import type { SnapshotSchedule, VatRecords, VatWarehouse } from '../workers/types.js';

/** What the warehouse sees of the kernel. */
export interface WarehousePorts {
  readonly records: VatRecords;
  readonly relaxDurabilityRules: boolean;
  readonly snapshotSchedule: SnapshotSchedule;
  readonly slog: SlogSender;
  readonly testLog: (line: string) => void;
}

export interface KernelPowers extends DevicePowers {
  readonly kernelStorage: KernelStorage;
  readonly makeWarehouse: (ports: WarehousePorts) => VatWarehouse;
  /** The platform of new incarnations. */
  readonly platform: Platform;
  /**
   * Finds the platform image that new xsnap incarnations start from; without one they start from
   * bundles. Called once, when the kernel may write.
   */
  readonly findImage: () => Promise<string | undefined>;
  /** While nobody listens, the kernel spends no time on slog entries. Default: nobody does. */
  readonly slog?: SlogOutlet;
  /** Milliseconds, for reports and the slog only. */
  readonly now: () => number;
  readonly console: Pick<Console, 'log' | 'warn' | 'error'>;
  /** Default: `panic`. */
  readonly onWorkerDeath?: WorkerDeathPolicy;
  /** Named fault points for specs; absent in production. */
  readonly faultPoint?: (name: string) => void | Promise<void>;
  /** For specs and rehearsals. */
  readonly stateOptions?: KernelSettingsOverride;
}
