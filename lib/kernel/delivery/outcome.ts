/**
 * What a crank comes to. Processing an event computes a `CrankOutcome` first; `crank-runner.ts` alone
 * applies it: keeps or undoes the effects, ends vats, tells the run policy.
 */
import type { KRef, VatID } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import { makeErrorData } from './kmarshal.js';
import type { Reclaimed } from '../gc/reclaim.js';

/** A vat that ends with this crank. */
export interface Termination {
  readonly vatID: VatID;
  /** Did it fail (its `done()` promise rejects), or exit by its own will? */
  readonly reject: boolean;
  readonly info: CapData<KRef>;
}

export interface CrankOutcome {
  /** What the run policy hears; `crankFailed` for faults of a vat only. */
  readonly policy: 'vatCreated' | 'crankComplete' | 'crankFailed' | 'emptyCrank' | 'cleanup';
  /** The vat whose worker was given a delivery. */
  readonly delivered?: VatID;
  /** Undo everything the crank did, and then: `retry` leaves the event where it was, `consume` takes it out. */
  readonly abort?: 'retry' | 'consume';
  /** The event went on to another queue, and its references with it. */
  readonly moved?: true;
  readonly terminate?: Termination;
  readonly computrons?: bigint;
  /** Numbers of rows deleted of a terminated vat, by kind. */
  readonly cleanups?: Readonly<Record<string, number>>;
  /** What the vat's incarnations before the one that the crank started had left behind. */
  readonly reclaimed?: Reclaimed;
  /** What is to happen whether or not the effects were undone, such as telling vat-admin. */
  readonly afterwards?: () => void | Promise<void>;
}

export const emptyCrank: CrankOutcome = { policy: 'emptyCrank' };

/** The vat failed at a delivery: the crank is undone, and it ends. */
export const vatFailed = (vatID: VatID, problem: string): CrankOutcome => ({
  policy: 'crankFailed',
  delivered: vatID,
  abort: 'retry',
  terminate: { vatID, reject: true, info: makeErrorData(problem) },
});
