/**
 * Results of deliveries and outcomes of cranks.
 *
 * A delivery has a result: what the vat did. A crank has an outcome: what happens to its effects, to
 * its event and to the vat. Processing an event computes the outcome; `crank-runner.ts` alone applies
 * it.
 */
import type { MeterID, KRef, VatID } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import { makeErrorData } from './kmarshal.js';

/** The end of a vat. */
export interface Termination {
  readonly vatID: VatID;
  /** True for a failure (the vat's `done()` promise rejects), false for an exit. */
  readonly reject: boolean;
  readonly info: CapData<KRef>;
}

/** Computrons that a vat's meter pays for. */
export interface Bill {
  readonly meterID: MeterID;
  readonly computrons: bigint;
}

/** The vat did what was asked and goes on. */
export interface Completed {
  readonly kind: 'completed';
  readonly computrons: bigint | undefined;
}

/** The vat did what was asked and ends by its own will. */
export interface Exited {
  readonly kind: 'exited';
  readonly computrons: bigint | undefined;
  readonly end: Termination;
}

/** What the vat did counts for nothing. */
export interface Failed {
  readonly kind: 'failed';
  /** The vat broke a rule or its worker was lost; its meter ran out; or it asked to end so. */
  readonly cause: 'fault' | 'meter' | 'exit';
  readonly computrons: bigint | undefined;
  readonly end: Termination;
  /** Due although the crank is undone: computrons that are burnt stay burnt. */
  readonly bill: Bill | undefined;
}

export type DeliveryResult = Completed | Exited | Failed;

/** A vat that could not even be given the delivery. */
export const failure = (vatID: VatID, problem: string): Failed => ({
  kind: 'failed',
  cause: 'fault',
  computrons: undefined,
  end: { vatID, reject: true, info: makeErrorData(problem) },
  bill: undefined,
});

/** What the run policy is told. `crankFailed` is for faults of a vat only. */
export type PolicyCall =
  | {
      readonly call: 'vatCreated' | 'crankComplete';
      readonly computrons: bigint | undefined;
    }
  | { readonly call: 'crankFailed' | 'emptyCrank' }
  /** Rows deleted of a terminated vat, by kind, and their total. */
  | { readonly call: 'cleanup'; readonly cleanups: CleanupCounts };

export type CleanupCounts = Readonly<Record<string, number>> & { readonly total: number };

/**
 * The event of a crank that is undone: it stays in its queue and meets the vat's new state, or it is
 * taken out and dropped.
 */
export type UndoneEvent = 'stays' | 'dropped';

export type CrankOutcome =
  /** The effects are kept, and the event is done. `snapshotOf`: a vat whose snapshot may be due. */
  | { readonly kind: 'done'; readonly policy: PolicyCall; readonly snapshotOf?: VatID }
  /** The effects are kept. The event went on to another queue, with its references. */
  | { readonly kind: 'moved'; readonly policy: PolicyCall }
  /** The effects are kept, the event is done, and the vat ends. */
  | { readonly kind: 'ended'; readonly policy: PolicyCall; readonly end: Termination }
  /** The effects are undone, and the vat ends. An event that stays meets a vat that is gone. */
  | {
      readonly kind: 'failed';
      readonly policy: PolicyCall;
      readonly event: UndoneEvent;
      readonly end: Termination;
      readonly bill: Bill | undefined;
    }
  /** The effects are undone, and `instead` writes others. The vat gets a fresh worker. */
  | {
      readonly kind: 'undone';
      readonly policy: PolicyCall;
      readonly event: UndoneEvent;
      readonly vatID: VatID;
      readonly instead: () => void | Promise<void>;
    }
  /** The effects are undone, and the kernel stops. */
  | { readonly kind: 'panic'; readonly vatID: VatID; readonly cause: Error };

/** The outcome of a crank that has ended. A crank that panics never does. */
export type Ended<Outcome extends CrankOutcome> = Exclude<Outcome, { readonly kind: 'panic' }>;

export const emptyCrank: CrankOutcome = { kind: 'done', policy: { call: 'emptyCrank' } };

export const moved: CrankOutcome = { kind: 'moved', policy: { call: 'emptyCrank' } };

export const crankComplete = (computrons?: bigint): PolicyCall => ({
  call: 'crankComplete',
  computrons,
});

export const crankFailed: PolicyCall = { call: 'crankFailed' };

/** The outcome of a crank that was one delivery. */
export const outcomeOf = (vatID: VatID, result: DeliveryResult): Ended<CrankOutcome> => {
  const policy = crankComplete(result.computrons);
  switch (result.kind) {
    case 'completed':
      return { kind: 'done', policy, snapshotOf: vatID };
    case 'exited':
      return { kind: 'ended', policy, end: result.end };
    case 'failed': {
      const { cause, end, bill } = result;
      const told = cause === 'fault' ? crankFailed : policy;
      return { kind: 'failed', policy: told, event: 'stays', end, bill };
    }
    default:
      return result satisfies never;
  }
};
