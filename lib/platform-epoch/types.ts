/** The words of design.md section 4. In names always `platformEpoch`, never a bare `epoch`. */
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
      /** The last entry was still in progress: vats not yet done for it go straight to `epoch`. */
      readonly supersedes: PlatformEpoch | undefined;
    }
  | { readonly kind: 'resume'; readonly epoch: PlatformEpoch };

/** What a function of `vatParameters` is told about one live vat. */
export interface VatForParameters {
  readonly vatID: VatID;
  /** Dynamic vats got it from the vat that made them: it says nothing about what they are. */
  readonly name: string | undefined;
  readonly isStatic: boolean;
  readonly bundleID: BundleID;
  /** The present one. */
  readonly incarnation: number;
  /** What the vat would start with. Undefined: it is too old to have retained any. */
  readonly retained: CapData | undefined;
}

/**
 * Called for all live vats, in vatID order, before the first write of an advance. It decides about
 * state: all replicas must return the same. Undefined leaves the vat what it has retained.
 */
export type VatParametersFunction = (vat: VatForParameters) => unknown;

export interface PlatformRestartProgress {
  /** `turn`: a vat's restart begins; `vat`: it is done. */
  readonly phase: 'start' | 'turn' | 'vat' | 'finish';
  /** Vats that are done. */
  readonly index: number;
  readonly total: number;
  readonly vatID?: VatID;
  readonly name?: string;
  readonly result?: VatRestartResult['result'];
  readonly ms?: number;
}

/** An object that a vat abandoned, and that somebody holds when the restart is over. */
export interface AbandonedObject {
  readonly kref: ObjectKRef;
  /** What its vat called it, where the data of those who hold it says so. */
  readonly interface: string | undefined;
  /** Vats, devices and the host (pins, results that it has read or may read). */
  readonly holders: readonly (VatID | DeviceID | 'host')[];
  /**
   * Those of the holders that have not started again yet. Their own start lets go of what they held
   * in RAM alone.
   */
  readonly asleep: readonly VatID[];
  /** How often queued events, and messages that wait for promises, mention it. */
  readonly queued: number;
  /** Vats whose retained vatParameters mention it: those of each later incarnation. */
  readonly parametersOf: readonly VatID[];
}

export interface AbandonedObjects {
  /** How many of `objectsAbandoned` somebody still holds. */
  readonly objectsHeld: number;
  /** The first 50 of them; those that vats at work and devices hold come first. */
  readonly abandonedHeld: readonly AbandonedObject[];
}

export interface VatRestartResult extends AbandonedObjects {
  readonly vatID: VatID;
  readonly name: string | undefined;
  /** `unstarted`: it has never run, and its first life is still in the queue. */
  readonly result: 'restarted' | 'suspended' | 'terminated' | 'exempt' | 'unstarted';
  readonly error: string | undefined;
  readonly ms: number;
  readonly computrons: number | undefined;
  readonly incarnation: number;
  readonly promisesRejected: number;
  readonly objectsAbandoned: number;
  readonly importsReclaimed: number;
  readonly rowsReclaimed: number;
  /** `given`: by `platformRestart.vatParameters`, when this restart began. */
  readonly parameters: 'given' | 'retained';
  /** It starts with its first delivery (mode `lazy`): whether it can, was not tried yet. */
  readonly sleeps: boolean;
}

/** What is known of a vat when its turn is over, and others' is not. */
export type VatTurnResult = Omit<VatRestartResult, keyof AbandonedObjects>;

/** The counts are those of the moment before the restart; where it was resumed, before it went on. */
export interface PlatformRestartReport extends QueuedEvents {
  readonly from: PlatformEpoch | undefined;
  readonly to: PlatformEpoch;
  readonly decision: PlatformEpochDecision['kind'];
  readonly mode: PlatformRestartMode;
  /** Live vats that an earlier boot was done with, where this one resumed; they are not in `vats`. */
  readonly doneBefore: number;
  /** What the host should know of its options, one sentence each; they are on the console as well. */
  readonly warnings: readonly string[];
  readonly vats: readonly VatRestartResult[];
}
