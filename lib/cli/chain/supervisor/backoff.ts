/**
 * When to restart a node that ended, and when to give up. Pure: the supervisor tells it what
 * happened.
 */

export interface Run {
  /** From the start of the processes to the end of the first of them. */
  readonly ms: number;
  /** The node committed a block in this run. */
  readonly committed: boolean;
}

export type Decision =
  { readonly kind: 'restart'; readonly delayMs: number } | { readonly kind: 'give-up' };

export interface BackoffPolicy {
  /** How many runs in a row may end at once. */
  readonly maxFailures: number;
  /** A run that lasts longer has not ended at once. */
  readonly atOnceMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const backoffPolicy: BackoffPolicy = {
  maxFailures: 6,
  atOnceMs: 60_000,
  firstDelayMs: 500,
  maxDelayMs: 30_000,
};

/** @returns a function that takes each run when it has ended */
export const makeBackoff = (policy: BackoffPolicy = backoffPolicy) => {
  let failures = 0;
  return ({ ms, committed }: Run): Decision => {
    // A node that makes progress between its crashes is worth restarting for ever.
    failures = committed || ms >= policy.atOnceMs ? 1 : failures + 1;
    if (failures > policy.maxFailures) return { kind: 'give-up' };
    const delayMs = Math.min(policy.firstDelayMs * 2 ** (failures - 1), policy.maxDelayMs);
    return { kind: 'restart', delayMs };
  };
};
