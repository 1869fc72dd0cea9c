/** The gauges of the statistics, counted from the tables instead of from what changes. */
import type { KernelState } from './kernel-state.js';
import type { PromiseRecord } from './promises.js';
import type { LocalGauge } from './stats.js';

const sum = (counts: readonly number[]): number =>
  counts.reduce((total, count) => total + count, 0);

const countLocalGauges = (state: KernelState): Readonly<Record<LocalGauge, number>> => {
  const states = [...state.promises.all()].map(kpid => state.promises.get(kpid).state);
  const inState = (wanted: PromiseRecord['state']) => states.filter(each => each === wanted).length;
  const live = state.vats.allIDs();
  const entries = [...live, ...state.vats.terminatedIDs()].map(
    vatID => [...state.clist(vatID).entries()].length,
  );
  return {
    kernelPromises: states.length,
    kpUnresolved: inState('unresolved'),
    kpFulfilled: inState('fulfilled'),
    kpRejected: inState('rejected'),
    kernelObjects: [...state.objects.all()].length,
    kernelDevices: [...state.objects.allDeviceNodes()].length,
    clistEntries: sum(entries),
    vats: live.length,
  };
};

/**
 * Counts afresh what the gauges of the statistics gauge. For a store that SwingSet made: it does
 * not save what a host queues between cranks, nor count down for vats that are gone.
 */
export const recountGauges = (state: KernelState): void => {
  const waiting = [...state.promises.all()].map(kpid => {
    const promise = state.promises.get(kpid);
    return promise.state === 'unresolved' ? promise.queueLength : 0;
  });
  const counted = {
    ...countLocalGauges(state),
    runQueueLength: state.runQueue.length,
    acceptanceQueueLength: state.acceptanceQueue.length,
    promiseQueuesLength: sum(waiting),
  };
  for (const [name, value] of Object.entries(counted)) {
    state.stats.correct(name as keyof typeof counted, value);
  }
};

/**
 * Counts the gauges of this machine's statistics where the store has none: it came by state sync,
 * and exports hold what replicas agree on and nothing else (issue 10). Writes nothing.
 */
export const startLocalGauges = (state: KernelState): void => {
  if (!state.stats.hasLocal) state.stats.startFrom(countLocalGauges(state));
};
