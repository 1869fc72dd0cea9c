/** A kernel for gauges, as the tables of its last commit show it. */
import { sleepingVats } from '../kernel/cranks/sleepers.js';
import { statusOf } from '../kernel/facets/dump.js';
import type { KernelState } from '../state/kernel-state.js';
import type { ObservedKernel } from '../telemetry/kernel-gauges.js';

/** The forecast of a rolling restart is missing: it is for the process that runs it. */
export const observeCommitted = (readKernel: () => KernelState): ObservedKernel => ({
  getStats: () => readKernel().stats.all(),
  getStatus: () => {
    const state = readKernel();
    const rolling = state.platformEpochs.rolling();
    const epoch = state.platformEpochs.ledger().at(-1)?.epoch;
    const sleeping = sleepingVats(state).length;
    const status = rolling && epoch !== undefined ? { epoch, ...rolling, sleeping } : undefined;
    return statusOf(state, status && { ...status, runsLeft: undefined });
  },
  countTerminated: () => readKernel().vats.terminatedIDs().length,
});
