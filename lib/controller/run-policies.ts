/**
 * Ready-made run policies: how much work the kernel does in one `controller.run(policy)`. Names and
 * arguments are those of SwingSet's `src/lib/runPolicies.js`, behaviour that of its `run-policy.md`.
 * Make a new policy for each run.
 */
import type { CleanupBudget, RunPolicy } from '../types/policies.js';
import { checkKnownFields } from '../unknown-fields.js';

/** Deletions per kind and crank, beside other work. */
const MODERATE_CLEANUP: CleanupBudget = { default: 100 };

const makePolicy = (goesOn: () => boolean, rest: Partial<RunPolicy> = {}): RunPolicy =>
  harden({
    allowCleanup: () => true,
    vatCreated: goesOn,
    crankComplete: goesOn,
    crankFailed: goesOn,
    emptyCrank: goesOn,
    ...rest,
  });

/** Runs until no work is left. */
export const foreverPolicy = (): RunPolicy => makePolicy(() => true);

/**
 * Stops after `maxCranks` deliveries or `maxCreateVats` new vats, whichever comes first.
 *
 * @param includeEmptyCranks - Count cranks without a delivery as well.
 */
export const crankCounter = (
  maxCranks: number,
  maxCreateVats: number,
  includeEmptyCranks = false,
): RunPolicy => {
  let cranks = 0;
  let vats = 0;
  const count = (by: number) => {
    cranks += by;
    return cranks < maxCranks;
  };
  return makePolicy(() => count(1), {
    allowCleanup: () => MODERATE_CLEANUP,
    emptyCrank: () => count(includeEmptyCranks ? 1 : 0),
    vatCreated: () => {
      vats += 1;
      return vats < maxCreateVats;
    },
  });
};

export interface ComputronCounterOptions {
  /** Deletions per kind and crank. Default 100. */
  readonly cleanupBudget?: number;
  /** What a new vat counts for. Default 100,000. */
  readonly vatCreatedComputrons?: bigint;
  /** What a failed crank counts for, since its use is unknown. Default 1,000,000. */
  readonly crankFailedComputrons?: bigint;
}

const COMPUTRON_COUNTER_OPTIONS = [
  'cleanupBudget',
  'vatCreatedComputrons',
  'crankFailedComputrons',
];

/** Stops when the cranks of this run have used `limit` computrons. */
export const computronCounter = (
  limit: bigint,
  options?: ComputronCounterOptions | null,
): RunPolicy => {
  const {
    cleanupBudget = 100,
    vatCreatedComputrons = 100_000n,
    crankFailedComputrons = 1_000_000n,
  } = options ?? {};
  // Hosts make a policy for each block.
  checkKnownFields(options ?? {}, COMPUTRON_COUNTER_OPTIONS, { origin: COMPUTRON_COUNTER_OPTIONS });
  let total = 0n;
  const spend = (computrons: bigint) => {
    total += computrons;
    return total < limit;
  };
  return makePolicy(() => spend(0n), {
    allowCleanup: () => ({ default: cleanupBudget }),
    vatCreated: () => spend(vatCreatedComputrons),
    crankComplete: ({ computrons = 0n }) => spend(computrons),
    crankFailed: () => spend(crankFailedComputrons),
  });
};

/** Stops after the crank in which the time ends. Not for replicas, whose clocks differ. */
export const wallClockWaiter = (seconds: number, now: () => number = Date.now): RunPolicy => {
  const end = now() + seconds * 1000;
  return makePolicy(() => now() < end);
};

/** Does all work except cleaning up after terminated vats. */
export const noCleanup = (): RunPolicy => makePolicy(() => true, { allowCleanup: () => false });

/** Does all work, and deletes one portion of what terminated vats left. */
export const someCleanup = (budget: number): RunPolicy => {
  let isSpent = false;
  return makePolicy(() => true, {
    allowCleanup: () => {
      if (isSpent) return false;
      isSpent = true;
      return { default: budget };
    },
  });
};
