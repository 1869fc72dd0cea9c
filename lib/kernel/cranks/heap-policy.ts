/**
 * Restarts a vat whose heap has grown, at the end of a run (kernel option `heapPolicy`; design.md 4,
 * "One vat"; Agoric/agoric-sdk #10743).
 *
 * Invariants
 * 1. Which vat restarts, and when, follows from the tables and the run policy alone. The sizes are
 *    those of snapshots, whose hashes replicas agree on.
 * 2. A vat that can't start goes on, and is not tried again before its heap has doubled once more.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import type { RunPolicy } from '../../types/policies.js';
import { restartOneVat } from '../vats/vat-restart.js';
import type { LifecyclePorts } from '../vats/vat-lifecycle.js';
import type { CrankRunner } from './crank-runner.js';

const MESSAGE = 'vat restarted to shrink its heap';

/** How much larger than the incarnation's first snapshot the last one must be. */
const GROWTH = 2;

/** The vat with the largest heap of those that the policy restarts; the oldest of equals. */
export const findGrownVat = (state: KernelState): VatID | undefined => {
  const { heapPolicy } = state.settings;
  if (!heapPolicy) return undefined;
  let found: { readonly vatID: VatID; readonly last: number } | undefined;
  for (const vatID of state.vats.allIDs()) {
    const sizes = state.vats.getHeapSizes(vatID);
    if (!sizes || !state.services.isInService(vatID)) continue;
    const { first, last } = sizes;
    if (last <= heapPolicy.restartAbove || last <= GROWTH * first) continue;
    if (!found || last > found.last) found = { vatID, last };
  }
  return found?.vatID;
};

/**
 * Restarts at most one vat whose heap has grown, if the run policy allows it.
 * @returns whether it was tried
 */
export const restartGrownVat = async (
  lifecycle: LifecyclePorts,
  cranks: CrankRunner,
  policy: RunPolicy,
): Promise<boolean> => {
  const { state, slog } = lifecycle;
  const vatID = findGrownVat(state);
  if (vatID === undefined || (policy.allowRestart && !policy.allowRestart())) return false;
  const sizes = state.vats.getHeapSizes(vatID);
  slog.write({ type: 'heap-policy-restart', vatID, ...sizes });
  const { computrons } = await cranks.runTask('heap-policy-restart', () =>
    restartOneVat(lifecycle, { vatID, upgradeMessage: MESSAGE }, ({ kind }) => {
      if (kind === 'failed' && sizes) {
        state.vats.setHeapSizes(vatID, { first: sizes.last, last: sizes.last });
      }
    }),
  );
  policy.didRestart?.(computrons === undefined ? {} : { computrons });
  return true;
};
