/**
 * Resolved promises whose data mention each other in a ring: their counts never fall to zero.
 *
 * Boundary: reads and writes tables at the end of a crank, for `gc.ts`. It is asked about promises
 * that lost a reference and have others left, so that it costs nothing where there are none whose
 * data mention promises.
 *
 * Invariant: what is collected was referred to by nothing but what is collected. Whatever is not
 * looked at counts as a holder, so that a limit makes the collection less complete, never wrong.
 */
import type { KernelState } from '../../state/kernel-state.js';
import { compareIDs, isPromiseKRef, type KRef, type PromiseKRef } from '../../types/ids.js';

/** So many promises are looked at per round; a larger ring stays. */
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

/** The resolved promises that these lead to, themselves included. */
const findSuspects = (
  state: KernelState,
  kpids: readonly PromiseKRef[],
): ReadonlyMap<PromiseKRef, Suspect> => {
  const suspects = new Map<PromiseKRef, Suspect>();
  const seen = new Set<PromiseKRef>(kpids);
  // What is added to a set in the midst of a loop over it has its turn as well.
  for (const kpid of seen) {
    if (suspects.size >= LIMIT) break;
    const suspect = readSuspect(state, kpid);
    if (!suspect) continue;
    suspects.set(kpid, suspect);
    for (const kref of suspect.slots) if (isPromiseKRef(kref)) seen.add(kref);
  }
  return suspects;
};

/** Those among the suspects that something else holds, and what they lead to. */
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

/** Deletes the rings that these promises lead to and that nothing else holds. */
export const collectPromiseRings = (state: KernelState, kpids: readonly PromiseKRef[]): void => {
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
