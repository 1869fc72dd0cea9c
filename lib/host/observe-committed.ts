/** A kernel for gauges, as the tables of its last commit show it. */
import { rollingProgress } from '../kernel/cranks/sleepers.js';
import { statusOf } from '../kernel/facets/dump.js';
import type { KernelState } from '../state/kernel-state.js';
import type { ObservedKernel } from '../telemetry/kernel-gauges.js';

/** The forecast of a rolling restart is missing: it is for the process that runs it. */
export const observeCommitted = (readKernel: () => KernelState): ObservedKernel => ({
  getStats: () => readKernel().stats.all(),
  getStatus: () => {
    const state = readKernel();
    const progress = rollingProgress(state);
    const epoch = state.platformEpochs.ledger().at(-1)?.epoch;
    const isRolling = progress && epoch !== undefined;
    return statusOf(state, isRolling ? { epoch, ...progress, runsLeft: undefined } : undefined);
  },
  countTerminated: () => readKernel().vats.terminatedIDs().length,
});
