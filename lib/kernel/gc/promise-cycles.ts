/**
 * Collects cycles of resolved promises. Their data refer to each other, so their reference counts
 * never fall to zero.
 *
 * Boundary: `gc.ts` calls it at the end of a crank, with the promises that lost a reference but
 * still have others. It only reads and writes tables.
 *
 * Invariant
 * 1. Only collected promises refer to a collected promise. A promise beyond the search limit counts
 *    as a holder, so the limit can leave garbage but never delete a promise in use.
 */
import type { KernelState } from '../../state/kernel-state.js';
import { compareIDs, isPromiseKRef, type KRef, type PromiseKRef } from '../../types/ids.js';

/** Promises examined per round. A larger cycle is never collected. */
const LIMIT = 1000;

interface Suspect {
  readonly refCount: number;
  readonly slots: readonly KRef[];
}

const readSuspect = (state: KernelState, kpid: PromiseKRef): Suspect | undefined => {
  if (!state.promises.exists(kpid)) return undefined;
  const promise = state.promises.get(kpid);
  if (promise.state === 'unresolved') return undefined;
  return { refCount: promise.refCount, slots: promise.data.slots };
};

/** The resolved promises reachable from these, themselves included. */
const findSuspects = (
  state: KernelState,
  kpids: readonly PromiseKRef[],
): ReadonlyMap<PromiseKRef, Suspect> => {
  const suspects = new Map<PromiseKRef, Suspect>();
  const seen = new Set<PromiseKRef>(kpids);
  // The loop also visits what it adds to the set.
  for (const kpid of seen) {
    if (suspects.size >= LIMIT) break;
    const suspect = readSuspect(state, kpid);
    if (!suspect) continue;
    suspects.set(kpid, suspect);
    for (const kref of suspect.slots) if (isPromiseKRef(kref)) seen.add(kref);
  }
  return suspects;
};

/** The suspects with a reference from elsewhere, and all that those refer to (invariant 1). */
const findHeld = (suspects: ReadonlyMap<PromiseKRef, Suspect>): ReadonlySet<KRef> => {
  const fromSuspects = new Map<KRef, number>();
  for (const { slots } of suspects.values()) {
    for (const kref of slots) fromSuspects.set(kref, (fromSuspects.get(kref) ?? 0) + 1);
  }
  const held = new Set<KRef>();
  for (const [kpid, { refCount }] of suspects) {
    if (refCount > (fromSuspects.get(kpid) ?? 0)) held.add(kpid);
  }
  for (const kref of held) {
    for (const slot of suspects.get(kref as PromiseKRef)?.slots ?? []) held.add(slot);
  }
  return held;
};

/** Deletes every cycle that these promises lead to and that nothing else refers to. */
export const collectPromiseCycles = (state: KernelState, kpids: readonly PromiseKRef[]): void => {
  const suspects = findSuspects(state, kpids);
  if (suspects.size === 0) return;
  const held = findHeld(suspects);
  const garbage = [...suspects].filter(([kpid]) => !held.has(kpid));
  garbage.sort(([a], [b]) => compareIDs(a, b));
  const gone = new Set<KRef>(garbage.map(([kpid]) => kpid));
  for (const [kpid, { slots }] of garbage) {
    for (const kref of slots) if (!gone.has(kref)) state.refs.decrement(kref);
    state.promises.delete(kpid);
  }
};
