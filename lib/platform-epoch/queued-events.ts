/**
 * Counts the queued events by vat. They may refer to promises and objects that a restart ends.
 */
import type { RunQueueEvent } from '../state/events.js';
import type { KernelState } from '../state/kernel-state.js';
import { compareIDs, type VatID } from '../types/ids.js';
import { dueEvents, vatsWithHeldEvents } from '../kernel/cranks/due-events.js';
import { routeMessage } from '../kernel/delivery/router.js';

/** Events that a run of the kernel would deliver. */
export interface QueuedEvents {
  /** All events, including those for no vat, such as a message to an unresolved promise. */
  readonly queuedEvents: number;
  /** By the vat that would get them now, in vatID order. */
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

/**
 * Events that a run of the kernel would deliver. Those that wait for paused and suspended vats are
 * among them once the vat is no longer paused.
 */
export const countQueued = (state: KernelState): QueuedEvents => {
  const events = dueEvents(state);
  const counts = [...countByVat(state, events)].sort(([a], [b]) => compareIDs(a, b));
  return { queuedEvents: events.length, queuedByVat: Object.fromEntries(counts) };
};

/**
 * How many events wait for a vat that can't start: those queued for it, and those that wait
 * already.
 */
export const countWaiting = (state: KernelState): ReadonlyMap<VatID, number> => {
  const counts = countByVat(state, dueEvents(state));
  for (const vatID of vatsWithHeldEvents(state)) {
    counts.set(vatID, (counts.get(vatID) ?? 0) + state.waiting.count(vatID));
  }
  return counts;
};
