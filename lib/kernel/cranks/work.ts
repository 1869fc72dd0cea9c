/**
 * Chooses the next piece of work. The order: routing new events, cleaning up terminated vats, GC
 * actions, BOYD, the wait queues of vats that are back in service, the run-queue.
 *
 * GC actions for a suspended or paused vat wait until something else brings the vat back. Otherwise
 * one message could start every vat whose objects its receiver once held, ahead of earlier events.
 * Source: SwingSet docs `run-policy.md`; the wait queues are ours.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { KernelEvent, RunQueueEvent } from '../../state/events.js';
import type { VatID } from '../../types/ids.js';
import { nextGCEvent } from '../gc/gc.js';
import type { CleanupBudget } from '../../types/policies.js';
import { UNLIMITED_BUDGET } from '../vats/vat-cleanup.js';
import { firstVatWithDueEvents } from './due-events.js';

/** A piece of work. `take` removes it from its queue, inside the crank. */
export type Work =
  | { readonly crankType: 'routing'; readonly take: () => RunQueueEvent }
  | { readonly crankType: 'delivery'; readonly take: () => KernelEvent };

const required = <T>(event: T | undefined): T => {
  if (event === undefined) throw Error('a queue that had an event has none');
  return event;
};

const nextReap = (state: KernelState): VatID | undefined =>
  state.gc.reapQueue().find(vatID => state.services.isInService(vatID));

/** Without a `cleanupBudget`, no terminated vat is cleaned up now. */
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
  const waiting = firstVatWithDueEvents(state);
  if (waiting) {
    return {
      crankType: 'delivery',
      take: () => required(state.waiting.shift(waiting)),
    };
  }
  if (state.runQueue.length > 0) {
    return { crankType: 'delivery', take: () => required(state.runQueue.shift()) };
  }
  return undefined;
};

/** Would a run without a policy find anything to do? Sleeping vats are not asked about. */
export const hasWork = (state: KernelState): boolean =>
  selectWork(state, UNLIMITED_BUDGET) !== undefined;
