/** How much is queued for each vat: what would wait for one that can't start. */
import { routeMessage } from '../kernel/router.js';
import type { RunQueueEvent } from '../state/events.js';
import type { KernelState } from '../state/kernel-state.js';
import type { VatID } from '../types/ids.js';

const vatOf = (state: KernelState, event: RunQueueEvent): VatID | undefined => {
  if (event.type !== 'send') return event.vatID;
  const route = routeMessage(state, event.target, event.msg);
  return route.kind === 'vat' ? route.vatID : undefined;
};

/** Events in the queues by the vat they are for, as things stand. */
export const countWaiting = (state: KernelState): ReadonlyMap<VatID, number> => {
  const counts = new Map<VatID, number>();
  const add = (vatID: VatID | undefined, count: number) => {
    if (vatID !== undefined && count > 0) counts.set(vatID, (counts.get(vatID) ?? 0) + count);
  };
  for (const vatID of state.suspensions.waitingVats()) {
    add(vatID, state.suspensions.waitingCount(vatID));
  }
  for (const queue of [state.acceptanceQueue, state.runQueue]) {
    for (const event of queue.all()) add(vatOf(state, event), 1);
  }
  return counts;
};
