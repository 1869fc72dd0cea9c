/**
 * Runs cranks until the queues are empty or the run policy says stop, then starts sleeping
 * vats (`sleepers.ts`) and restarts one whose heap has grown (`heap-policy.ts`).
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { CrankRunner } from './crank-runner.js';
import type { PolicyCall } from '../delivery/outcome.js';
import type { CleanupBudget, RunPolicy } from '../../types/policies.js';
import { UNLIMITED_BUDGET } from '../vats/vat-cleanup.js';
import type { Sleepers } from './sleepers.js';
import { selectWork } from './work.js';

/** Runs until the queues are empty. */
const forever: RunPolicy = {
  vatCreated: () => true,
  crankComplete: () => true,
  crankFailed: () => true,
  emptyCrank: () => true,
};

const cleanupBudgetOf = (policy: RunPolicy): CleanupBudget | undefined => {
  if (!policy.allowCleanup) return UNLIMITED_BUDGET;
  const allowed = policy.allowCleanup();
  if (!allowed) return undefined;
  if (allowed === true) return UNLIMITED_BUDGET;
  // Older policies give one budget for all kinds.
  const { budget, ...byKind } = allowed as CleanupBudget & { readonly budget?: number };
  return budget === undefined ? { default: Infinity, ...byKind } : { default: budget, ...byKind };
};

const goesOn = (policy: RunPolicy, told: PolicyCall): boolean => {
  switch (told.call) {
    case 'vatCreated':
    case 'crankComplete': {
      const { call, computrons } = told;
      return policy[call](computrons === undefined ? {} : { computrons });
    }
    case 'crankFailed':
      return policy.crankFailed({});
    case 'emptyCrank':
      return policy.emptyCrank();
    case 'cleanup':
      return policy.didCleanup?.({ cleanups: told.cleanups }) ?? true;
    default:
      return told satisfies never;
  }
};

const firstTerminated = (state: KernelState) => state.vats.terminatedIDs()[0];

export interface Runner {
  run(policy?: RunPolicy): Promise<number>;
  step(): Promise<number>;
}

export const makeRunner = ({
  state,
  cranks,
  sleepers,
  restartGrown,
}: {
  readonly state: KernelState;
  readonly cranks: CrankRunner;
  readonly sleepers: Sleepers;
  /** Restarts a vat whose heap has grown. @returns whether it did */
  readonly restartGrown: (policy: RunPolicy) => Promise<boolean>;
}): Runner => {
  /** @returns whether the policy lets the run go on, now that the queues are empty */
  const runQueues = async (policy: RunPolicy, noteCrank: () => void): Promise<boolean> => {
    let cleanupIsStuck = false;
    for (;;) {
      // New events are routed first, so that routing doesn't use up a policy's cleanup budget.
      const mayCleanUp = !cleanupIsStuck && state.acceptanceQueue.length === 0;
      const budget = mayCleanUp ? cleanupBudgetOf(policy) : undefined;
      const work = selectWork(state, budget);
      if (!work) return true;
      const leftover = firstTerminated(state);
      const ended = cranks.run(work);
      const { policy: told } = ended instanceof Promise ? await ended : ended;
      noteCrank();
      // A budget that deletes nothing would be asked for again without end.
      if (told.call === 'cleanup') {
        cleanupIsStuck = told.cleanups.total === 0 && firstTerminated(state) === leftover;
      }
      if (!goesOn(policy, told)) return false;
    }
  };

  return {
    run: async (policy = forever) => {
      let count = 0;
      const noteCrank = () => {
        count += 1;
      };
      const turns = sleepers.beginRun();
      let isOpen = await runQueues(policy, noteCrank);
      while (await turns.startNext(policy)) {
        noteCrank();
        // A vat that starts may have sent messages.
        if (isOpen) isOpen = await runQueues(policy, noteCrank);
      }
      if (await restartGrown(policy)) {
        noteCrank();
        if (isOpen) await runQueues(policy, noteCrank);
      }
      return count;
    },
    step: async () => {
      const work = selectWork(state, UNLIMITED_BUDGET);
      if (!work) return 0;
      await cranks.run(work);
      return 1;
    },
  };
};
