/** The report of a rehearsal. */
import type { QueuedEvents } from './queued-events.js';
import type { BundleID } from '../types/ids.js';
import type { ManagerType } from '../types/vat-options.js';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import type { PlatformEpochDecision, VatRestartResult } from './types.js';

/** The platform of one incarnation of a vat. */
export interface VatPlatform {
  readonly worker: ManagerType;
  /** Undefined for a `local` worker, and in a store that SwingSet made. */
  readonly engine: string | undefined;
  readonly supervisor: BundleID | undefined;
}

export interface VatRehearsal extends VatRestartResult {
  readonly critical: boolean;
  readonly bundleID: BundleID | undefined;
  /**
   * The parameters of `startVat`, in the notation of `lib/kernel/facets/parameter-notation.ts`.
   * Only for vats that were given parameters or that failed.
   */
  readonly startedWith: unknown;
  readonly oldPlatform: VatPlatform;
  /** For an exempt vat, the same as the old one. */
  readonly newPlatform: VatPlatform;
  /** How many events are queued for the vat or wait for it. */
  readonly waiting: number;
  /**
   * Milliseconds from the beginning of the restart to the vat's turn; `ms` is the turn's length.
   */
  readonly startedAt: number;
}

export interface RehearsalReport extends QueuedEvents {
  readonly storePath: string;
  /** The store's last epoch. */
  readonly from: PlatformEpoch | undefined;
  readonly to: PlatformEpoch;
  readonly decision: PlatformEpochDecision['kind'] | undefined;
  readonly vats: readonly VatRehearsal[];
  /** Milliseconds for the restart of all vats. */
  readonly ms: number;
  /** Milliseconds for the copy, and its size in bytes. */
  readonly copyMs: number;
  readonly copyBytes: number;
  /** Why a boot would fail: for example, a critical vat can't start. */
  readonly problem: string | undefined;
  /** Vats whose turn did not come or did not end. */
  readonly left: number;
  /** Devices that did nothing, because the rehearsal had no endowments for them. */
  readonly silentDevices: readonly string[];
  /** What the host should know about its options, a sentence each. */
  readonly warnings: readonly string[];
  /** True if every vat restarts that isn't exempt, unborn or suspended on request. */
  readonly ok: boolean;
}

/** Did the vat fail? */
export const isFailure = ({ result, error }: Pick<VatRestartResult, 'result' | 'error'>): boolean =>
  error !== undefined || result === 'terminated';
