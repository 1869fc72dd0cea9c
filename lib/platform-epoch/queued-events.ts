/** Counts what is queued, and for which vats: a restart can't keep what queued events hold in RAM. */
import type { RunQueueEvent } from '../state/events.js';
import type { KernelState } from '../state/kernel-state.js';
import { compareIDs, type VatID } from '../types/ids.js';
import { routeMessage } from '../kernel/delivery/router.js';

/** Events in the run-queue and the acceptance queue. */
export interface QueuedEvents {
  /** All of them, also those for no vat: a message to a promise that nobody has resolved yet. */
  readonly queuedEvents: number;
  /** By the vat they are for as things stand, in the order of the vats' numbers. */
  readonly queuedByVat: Readonly<Record<VatID, number>>;
}

const vatOf = (state: KernelState, event: RunQueueEvent): VatID | undefined => {
  if (event.type !== 'send') return event.vatID;
  const route = routeMessage(state, event.target, event.msg);
  return route.kind === 'vat' ? route.vatID : undefined;
};

const countByVat = (state: KernelState, events: readonly RunQueueEvent[]): Map<VatID, number> => {
  const counts = new Map<VatID, number>();
  for (const event of events) {
    const vatID = vatOf(state, event);
    if (vatID !== undefined) counts.set(vatID, (counts.get(vatID) ?? 0) + 1);
  }
  return counts;
};

const queued = (state: KernelState): readonly RunQueueEvent[] => [
  ...state.acceptanceQueue.all(),
  ...state.runQueue.all(),
];

/**
 * What a host leaves undone if it halts now. Events that wait for paused and suspended vats are not
 * among them: no run of the kernel would deliver them.
 */
export const countQueued = (state: KernelState): QueuedEvents => {
  const events = queued(state);
  const counts = [...countByVat(state, events)].sort(([a], [b]) => compareIDs(a, b));
  return { queuedEvents: events.length, queuedByVat: Object.fromEntries(counts) };
};

/** What would wait for a vat that can't start: what is queued for it, and what waits already. */
export const countWaiting = (state: KernelState): ReadonlyMap<VatID, number> => {
  const counts = countByVat(state, queued(state));
  for (const vatID of state.suspensions.waitingVats()) {
    counts.set(vatID, (counts.get(vatID) ?? 0) + state.suspensions.waitingCount(vatID));
  }
  return counts;
};
