/** The types of design.md section 4. Names say `platformEpoch`, never a bare `epoch`. */
import type { PlatformEpoch, PlatformRestartMode } from '../types/platform-epoch.js';
import type { QueuedEvents } from './queued-events.js';
import type { BundleID, DeviceID, ObjectKRef, VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';

export type PlatformEpochDecision =
  | { readonly kind: 'none' }
  | { readonly kind: 'current'; readonly epoch: PlatformEpoch }
  | { readonly kind: 'baseline'; readonly epoch: PlatformEpoch }
  | {
      readonly kind: 'advance';
      readonly from: PlatformEpoch | undefined;
      readonly epoch: PlatformEpoch;
      /** The last entry, if still in progress: vats not yet done for it go straight to `epoch`. */
      readonly supersedes: PlatformEpoch | undefined;
    }
  | { readonly kind: 'resume'; readonly epoch: PlatformEpoch };

/** What a `vatParameters` function is told about one live vat. */
export interface VatForParameters {
  readonly vatID: VatID;
  /** A dynamic vat's name comes from the vat that made it, and proves nothing. */
  readonly name: string | undefined;
  readonly isStatic: boolean;
  readonly bundleID: BundleID;
  readonly incarnation: number;
  /**
   * The parameters that the vat would start with. Undefined if it is too old to have retained any.
   */
  readonly retained: CapData | undefined;
}

/**
 * Called for every live vat, in vatID order, before the first write of an advance. It decides about
 * state, so all replicas must return the same. Undefined leaves the vat its retained parameters.
 */
export type VatParametersFunction = (vat: VatForParameters) => unknown;

export interface PlatformRestartProgress {
  /** `turn`: a vat's restart begins; `vat`: it is done. */
  readonly phase: 'start' | 'turn' | 'vat' | 'finish';
  /** How many vats are done. */
  readonly index: number;
  readonly total: number;
  readonly vatID?: VatID;
  readonly name?: string;
  readonly result?: VatRestartResult['result'];
  readonly ms?: number;
}

/** An object that a vat abandoned and that somebody holds after the restart. */
export interface AbandonedObject {
  readonly kref: ObjectKRef;
  /** The name that its vat gave it, if the holders' data has it. */
  readonly interface: string | undefined;
  /** The host holds pins, and results that it has read or may read. */
  readonly holders: readonly (VatID | DeviceID | 'host')[];
  /** The holders that have not started again. Their start lets go of what they held in RAM only. */
  readonly asleep: readonly VatID[];
  /** How often queued events, and messages in promises' queues, mention it. */
  readonly queued: number;
  /** Vats whose retained vatParameters mention it, and so reach each later incarnation. */
  readonly parametersOf: readonly VatID[];
}

export interface AbandonedObjects {
  /** How many of `objectsAbandoned` somebody still holds. */
  readonly objectsHeld: number;
  /** The first 50 of them. Those that devices and awake vats hold come first. */
  readonly abandonedHeld: readonly AbandonedObject[];
}

export interface VatRestartResult extends AbandonedObjects {
  readonly vatID: VatID;
  readonly name: string | undefined;
  /** `unstarted`: it has never run, and its first start is still queued. */
  readonly result: 'restarted' | 'suspended' | 'terminated' | 'exempt' | 'unstarted';
  readonly error: string | undefined;
  readonly ms: number;
  readonly computrons: number | undefined;
  readonly incarnation: number;
  readonly promisesRejected: number;
  readonly objectsAbandoned: number;
  readonly importsReclaimed: number;
  readonly rowsReclaimed: number;
  /** `given`: `platformRestart.vatParameters` had some for it when this restart began. */
  readonly parameters: 'given' | 'retained';
  /**
   * It starts with its first delivery (modes `lazy` and `rolling`, and an exempt vat that has not
   * started since an earlier restart). Whether it can is not yet known.
   */
  readonly sleeps: boolean;
}

/** The part of a result that is known when the vat's turn is over. */
export type VatTurnResult = Omit<VatRestartResult, keyof AbandonedObjects>;

/** Events are counted before the restart, or before this boot resumed it. */
export interface PlatformRestartReport extends QueuedEvents {
  readonly from: PlatformEpoch | undefined;
  readonly to: PlatformEpoch;
  readonly decision: PlatformEpochDecision['kind'];
  readonly mode: PlatformRestartMode;
  /** Live vats that an earlier boot restarted; `vats` doesn't list them. */
  readonly doneBefore: number;
  /** What the host should know about its options, a sentence each. The console has them too. */
  readonly warnings: readonly string[];
  readonly vats: readonly VatRestartResult[];
}
