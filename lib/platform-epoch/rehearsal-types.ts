/** What a rehearsal of a restart finds out. */
import type { QueuedEvents } from './queued-events.js';
import type { BundleID } from '../types/ids.js';
import type { ManagerType } from '../types/vat-options.js';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import type { PlatformEpochDecision, VatRestartResult } from './types.js';

/** What one incarnation of a vat runs on. */
export interface VatPlatform {
  readonly worker: ManagerType;
  /** None: a store made by SwingSet, which does not say; or a `local` worker. */
  readonly engine: string | undefined;
  readonly supervisor: BundleID | undefined;
}

export interface VatRehearsal extends VatRestartResult {
  readonly critical: boolean;
  readonly bundleID: BundleID | undefined;
  /**
   * What `startVat` brought, in the notation of `lib/kernel/facets/parameter-notation.ts`; for vats that were
   * given parameters or that failed.
   */
  readonly startedWith: unknown;
  readonly oldPlatform: VatPlatform;
  /** The same as the old one for a vat that is exempt. */
  readonly newPlatform: VatPlatform;
  /** Messages, notifications and other events that are queued for the vat and wait for it. */
  readonly waiting: number;
  /** Milliseconds from the beginning of the restart; `ms` is how long it took. */
  readonly startedAt: number;
}

export interface RehearsalReport extends QueuedEvents {
  readonly storePath: string;
  /** The store's last epoch. */
  readonly from: PlatformEpoch | undefined;
  readonly to: PlatformEpoch;
  readonly decision: PlatformEpochDecision['kind'] | undefined;
  readonly vats: readonly VatRehearsal[];
  /** Milliseconds that the restart of all vats took. */
  readonly ms: number;
  /** Milliseconds that the copy took, and its bytes. */
  readonly copyMs: number;
  readonly copyBytes: number;
  /** Why a boot would fail, such as a critical vat that can't start, or a vat that doesn't replay. */
  readonly problem: string | undefined;
  /** Vats that the restart did not come to, or not to the end of. */
  readonly left: number;
  /** Devices that the rehearsal had no endowments for: they were there and did nothing. */
  readonly silentDevices: readonly string[];
  /** What the host should know of its options, one sentence each. */
  readonly warnings: readonly string[];
  /** All vats restart, but those that are exempt, not yet born, or suspended because asked for. */
  readonly ok: boolean;
}

/** Did the rehearsal find the vat wanting? */
export const isFailure = ({ result, error }: Pick<VatRestartResult, 'result' | 'error'>): boolean =>
  error !== undefined || result === 'terminated';
