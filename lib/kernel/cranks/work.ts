/**
 * What comes next. Order: routing of new events, leftovers of terminated vats, GC actions,
 * bringOutYourDead, what waited for vats that are back, the run-queue. What GC owes to a suspended or
 * paused vat waits until something else has brought it back: else one message could start all vats
 * whose objects its receiver once held, before what was queued earlier.
 * Source: SwingSet docs `run-policy.md`; the wait queues are ours.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { KernelEvent, RunQueueEvent } from '../../state/events.js';
import type { VatID } from '../../types/ids.js';
import { nextGCEvent } from '../gc/gc.js';
import type { CleanupBudget } from '../../types/policies.js';

/** A piece of work: where from, and how it is taken out inside the crank. */
export type Work =
  | { readonly crankType: 'routing'; readonly take: () => RunQueueEvent }
  | { readonly crankType: 'delivery'; readonly take: () => KernelEvent };

const required = <T>(event: T | undefined): T => {
  if (event === undefined) throw Error('a queue that had an event has none');
  return event;
};

const nextReap = (state: KernelState): VatID | undefined =>
  state.gc.reapQueue().find(vatID => !state.suspensions.get(vatID));

const nextWaiting = (state: KernelState): VatID | undefined =>
  state.suspensions.waitingVats().find(vatID => !state.suspensions.isPaused(vatID));

/** `cleanupBudget` undefined: no cleanup now. */
export const selectWork = (
  state: KernelState,
  cleanupBudget: CleanupBudget | undefined,
): Work | undefined => {
  if (state.acceptanceQueue.length > 0) {
    return { crankType: 'routing', take: () => required(state.acceptanceQueue.shift()) };
  }
  const terminated = cleanupBudget && state.vats.terminatedIDs()[0];
  if (terminated) {
    return {
      crankType: 'delivery',
      take: () => ({ type: 'cleanup-terminated-vat', vatID: terminated, budget: cleanupBudget }),
    };
  }
  if (state.gc.vatIDs().length > 0) {
    return { crankType: 'delivery', take: () => required(nextGCEvent(state)) };
  }
  const reap = nextReap(state);
  if (reap) {
    return {
      crankType: 'delivery',
      take: () => {
        state.gc.unscheduleReap(reap);
        return { type: 'bringOutYourDead', vatID: reap };
      },
    };
  }
  const waiting = nextWaiting(state);
  if (waiting) {
    return {
      crankType: 'delivery',
      take: () => required(state.suspensions.shift(waiting)),
    };
  }
  if (state.runQueue.length > 0) {
    return { crankType: 'delivery', take: () => required(state.runQueue.shift()) };
  }
  return undefined;
};
