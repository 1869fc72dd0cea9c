/** Every reference that the tables hold, counted afresh: what the stored reference counts should be. */
import {
  isDeviceID,
  isObjectKRef,
  isPromiseKRef,
  type ClistOwner,
  type KRef,
} from '../types/ids.js';
import { referencesOf, referencesOfMessage, type RunQueueEvent } from './events.js';
import type { KernelState } from './kernel-state.js';
import type { ObjectRefCount } from './objects.js';

export interface ReferenceTally {
  readonly objects: ReadonlyMap<KRef, ObjectRefCount>;
  readonly promises: ReadonlyMap<KRef, number>;
}

class Tally {
  readonly objects = new Map<KRef, ObjectRefCount>();

  readonly promises = new Map<KRef, number>();

  add(kref: KRef, reachable = 1): void {
    if (isPromiseKRef(kref)) {
      this.addPromise(kref, 1);
    } else if (isObjectKRef(kref)) {
      const before = this.objects.get(kref) ?? { reachable: 0, recognizable: 0 };
      this.objects.set(kref, {
        reachable: before.reachable + reachable,
        recognizable: before.recognizable + 1,
      });
    }
  }

  addPromise(kpid: KRef, times: number): void {
    this.promises.set(kpid, (this.promises.get(kpid) ?? 0) + times);
  }

  addAll(krefs: readonly KRef[]): void {
    for (const kref of krefs) this.add(kref);
  }
}

const countClist = (tally: Tally, state: KernelState, owner: ClistOwner): void => {
  for (const [kref, { isExport, reachable }] of state.clist(owner).entries()) {
    if (isPromiseKRef(kref)) tally.add(kref);
    else if (!isExport) tally.add(kref, reachable || isDeviceID(owner) ? 1 : 0);
  }
};

const countPromises = (tally: Tally, state: KernelState): void => {
  for (const kpid of state.promises.all()) {
    const promise = state.promises.get(kpid);
    const held = state.promises.getHostInterest(kpid);
    if (held > 0) tally.addPromise(kpid, held);
    if (promise.state !== 'unresolved') {
      tally.addAll(promise.data.slots);
    } else {
      for (const message of state.promises.getQueue(kpid)) {
        // The queue holds its promise as well, as the message's target.
        tally.add(kpid);
        tally.addAll(referencesOfMessage(message));
      }
    }
  }
};

/** Counts c-lists, queues, resolutions, pins, hosts' interest and retained vatParameters. */
export const countReferences = (
  state: KernelState,
  owners: readonly ClistOwner[],
): ReferenceTally => {
  const tally = new Tally();
  for (const owner of owners) countClist(tally, state, owner);
  countPromises(tally, state);
  const events: RunQueueEvent[] = [...state.runQueue.all(), ...state.acceptanceQueue.all()];
  for (const vatID of state.suspensions.waitingVats()) {
    events.push(...state.suspensions.waiting(vatID));
  }
  for (const event of events) tally.addAll(referencesOf(event));
  tally.addAll(state.pinnedObjects());
  for (const vatID of state.vats.allIDs()) tally.addAll(state.parameterSlots(vatID));
  return tally;
};
