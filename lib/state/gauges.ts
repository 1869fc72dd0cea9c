/** Recounts the gauges of the statistics from the tables. */
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
 * Corrects the gauges of the statistics by a recount. For stores of SwingSet, which does not count
 * what a host queues between cranks and does not count down for terminated vats.
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
 * Counts the gauges of this machine's statistics if the store has none: it came by state sync, and
 * exports contain only what replicas agree on (issue 10). Writes nothing.
 */
export const startLocalGauges = (state: KernelState): void => {
  if (!state.stats.hasLocal) state.stats.startFrom(countLocalGauges(state));
};
