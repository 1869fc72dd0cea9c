/**
 * The run policy of one block: how much its cranks may do, however often the kernel runs in it.
 *
 * Invariant: what a block does follows from the parameters and the state alone, so replicas stop
 * after the same crank.
 */
import type { RunPolicy } from '../../types/policies.js';
import type { ChainParams } from '../chain-params.js';

/** What a crank of unknown use counts for: a local vat's, or routing. */
const UNKNOWN_CRANK = 100_000;
/** What a new vat counts for, besides its first crank. */
const NEW_VAT = 300_000;
/** What a crank of a vat that was terminated for it counts for. */
const FAILED_CRANK = 1_000_000;

export interface BlockBudget {
  readonly policy: RunPolicy;
  /** No further work in this block. */
  isSpent(): boolean;
  /** Lets the block use so many computrons more. */
  extend(computrons: number): void;
}

export const makeBlockBudget = (
  params: Pick<ChainParams, 'blockComputrons' | 'cleanupDeletions' | 'restarts'>,
  /** The block has enough, whatever computrons are left. */
  isFull: () => boolean = () => false,
): BlockBudget => {
  const { vats: maxStarts = 1, computrons: maxStartComputrons } = params.restarts;
  let limit = params.blockComputrons;
  let spent = 0;
  let deletions = params.cleanupDeletions;
  let starts = 0;
  let startComputrons = 0;

  const isSpent = () => spent >= limit || isFull();
  const spend = (computrons: number) => {
    spent += computrons;
    return !isSpent();
  };
  return {
    policy: harden<RunPolicy>({
      vatCreated: ({ computrons = 0n }) => spend(NEW_VAT + Number(computrons)),
      crankComplete: ({ computrons }) =>
        spend(computrons === undefined ? UNKNOWN_CRANK : Number(computrons)),
      crankFailed: () => spend(FAILED_CRANK),
      emptyCrank: () => !isSpent(),
      allowCleanup: () => (deletions > 0 ? { default: deletions } : false),
      didCleanup: ({ cleanups }) => {
        // At least one: a vat whose last row is gone takes a crank as well.
        deletions -= Math.max(1, cleanups.total ?? 0);
        return !isSpent();
      },
      allowRestart: () =>
        starts < maxStarts &&
        (maxStartComputrons === undefined || startComputrons < maxStartComputrons),
      didRestart: ({ computrons }) => {
        starts += 1;
        startComputrons +=
          computrons === undefined ? (maxStartComputrons ?? 0) : Number(computrons);
      },
    }),
    isSpent,
    extend: computrons => {
      limit = Math.max(limit, spent) + computrons;
    },
  };
};
