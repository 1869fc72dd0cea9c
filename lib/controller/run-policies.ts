/**
 * Ready-made run policies: how much work the kernel does in one `controller.run(policy)`. Names and
 * arguments are those of SwingSet's `src/lib/runPolicies.js`, behaviour that of its `run-policy.md`.
 * Make a new policy for each run.
 */
import type { CleanupBudget, RunPolicy } from '../types/policies.js';
import { BadOptionError } from '../errors.js';
import { checkKnownFields, insistKnownFields } from '../unknown-fields.js';

/** Deletions per kind and crank, beside other work. */
const MODERATE_CLEANUP: CleanupBudget = { default: 100 };

/** How many sleeping vats a run may start while a rolling restart is under way. */
export interface RestartBudget {
  /** At most so many vats. Default 1. */
  readonly vats?: number;
  /**
   * No further vat after so many computrons. The last one may exceed it. Default: no limit. A start
   * of unknown use counts as the whole budget.
   */
  readonly computrons?: bigint;
}

export interface RunPolicyOptions {
  readonly restarts?: RestartBudget | null;
}

const makeRestartBudget = (
  given: RestartBudget | null | undefined,
): Pick<Required<RunPolicy>, 'allowRestart' | 'didRestart'> => {
  const budget = given ?? {};
  if (typeof budget !== 'object') {
    throw new BadOptionError('restarts', budget, 'an object with vats or computrons');
  }
  // Not a mere warning: which vats start in a run is consensus.
  insistKnownFields(budget, ['vats', 'computrons']);
  const { vats = 1, computrons: limit } = budget;
  if (!(Number.isSafeInteger(vats) && vats >= 0)) {
    throw new BadOptionError('restarts.vats', vats, 'a number of vats');
  }
  if (limit !== undefined && (typeof limit !== 'bigint' || limit < 0n)) {
    throw new BadOptionError('restarts.computrons', limit, 'a bigint, 0n or more');
  }
  let started = 0;
  let spent = 0n;
  return {
    allowRestart: () => started < vats && (limit === undefined || spent < limit),
    didRestart: ({ computrons = limit ?? 0n }) => {
      started += 1;
      spent += computrons;
    },
  };
};

const makePolicy = (
  goesOn: () => boolean,
  options: RunPolicyOptions | null | undefined,
  rest: Partial<RunPolicy> = {},
): RunPolicy =>
  harden({
    allowCleanup: () => true,
    vatCreated: goesOn,
    crankComplete: goesOn,
    crankFailed: goesOn,
    emptyCrank: goesOn,
    ...makeRestartBudget(options?.restarts),
    ...rest,
  });

const OPTIONS = ['restarts'];

const checkOptions = (options: RunPolicyOptions | null | undefined) => {
  checkKnownFields(options ?? {}, OPTIONS, { origin: OPTIONS });
  return options;
};

/** Runs until no work is left. */
export const foreverPolicy = (options?: RunPolicyOptions | null): RunPolicy =>
  makePolicy(() => true, checkOptions(options));

/**
 * Stops after `maxCranks` deliveries or `maxCreateVats` new vats, whichever comes first.
 *
 * @param includeEmptyCranks - Count cranks without a delivery as well.
 */
export const crankCounter = (
  maxCranks: number,
  maxCreateVats: number,
  includeEmptyCranks = false,
  options?: RunPolicyOptions | null,
): RunPolicy => {
  let cranks = 0;
  let vats = 0;
  const count = (by: number) => {
    cranks += by;
    return cranks < maxCranks;
  };
  return makePolicy(() => count(1), checkOptions(options), {
    allowCleanup: () => MODERATE_CLEANUP,
    emptyCrank: () => count(includeEmptyCranks ? 1 : 0),
    vatCreated: () => {
      vats += 1;
      return vats < maxCreateVats;
    },
  });
};

export interface ComputronCounterOptions extends RunPolicyOptions {
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
  'restarts',
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
  return makePolicy(() => spend(0n), options, {
    allowCleanup: () => ({ default: cleanupBudget }),
    vatCreated: () => spend(vatCreatedComputrons),
    crankComplete: ({ computrons = 0n }) => spend(computrons),
    crankFailed: () => spend(crankFailedComputrons),
  });
};

/** Stops after the crank in which the time ends. Not for replicas, whose clocks differ. */
export const wallClockWaiter = (
  seconds: number,
  now: () => number = Date.now,
  options?: RunPolicyOptions | null,
): RunPolicy => {
  const end = now() + seconds * 1000;
  return makePolicy(() => now() < end, checkOptions(options));
};

/** Does all work except cleaning up after terminated vats. */
export const noCleanup = (options?: RunPolicyOptions | null): RunPolicy =>
  makePolicy(() => true, checkOptions(options), { allowCleanup: () => false });

/** Does all work, and deletes one portion of what terminated vats left. */
export const someCleanup = (budget: number, options?: RunPolicyOptions | null): RunPolicy => {
  let isSpent = false;
  return makePolicy(() => true, checkOptions(options), {
    allowCleanup: () => {
      if (isSpent) return false;
      isSpent = true;
      return { default: budget };
    },
  });
};
