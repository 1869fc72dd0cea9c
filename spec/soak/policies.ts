/** The run policies of the soak's hosts. */
import type { CleanupBudget, RunPolicy } from '../../lib/types/policies.js';

export interface Budgets {
  /** Stops the run after so many cranks. */
  readonly cranks: number;
  /** What may be deleted of ended vats per crank. */
  readonly cleanup: CleanupBudget;
  /** How many vats that a rolling restart let sleep may start. */
  readonly restarts: number;
}

export const policyOf = ({ cranks, cleanup, restarts }: Budgets): RunPolicy => {
  let cranksLeft = cranks;
  let restartsLeft = restarts;
  const goOn = () => {
    cranksLeft -= 1;
    return cranksLeft > 0;
  };
  return {
    vatCreated: goOn,
    crankComplete: goOn,
    crankFailed: goOn,
    emptyCrank: goOn,
    didCleanup: goOn,
    allowCleanup: () => cleanup,
    allowRestart: () => restartsLeft > 0,
    didRestart: () => {
      restartsLeft -= 1;
    },
  };
};
