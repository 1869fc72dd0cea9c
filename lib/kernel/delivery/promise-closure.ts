/**
 * Resolved promises that lead to each other, and how they go to a vat.
 *
 * Boundary: reads tables and decides; the caller delivers or resolves.
 *
 * Invariants
 * 1. Promises whose data mention each other in a ring go to a vat together: it forgets a promise with
 *    its resolution, and would be told of a ring for ever.
 * 2. No ring that arises is too long for one notification (`breakLongRings`). One of an adopted store
 *    may be; the vat is then told that the promise was rejected.
 */
import type { KernelState } from '../../state/kernel-state.js';
import { isPromiseKRef, type KRef, type PromiseKRef, type VatID } from '../../types/ids.js';
import type { CapData, Resolution } from '../../types/messages.js';
import type { VatLimits } from '../../types/vat-limits.js';
import { sizeOfData } from './capdata-limits.js';
import { makeErrorData } from './kmarshal.js';
import { findRings } from './strong-components.js';

/** What is known of a resolved promise while others are looked at: the data may be long. */
interface Node {
  readonly children: readonly PromiseKRef[];
  readonly size: number;
  readonly slots: number;
}

/** Undefined for a promise that is not resolved. */
type ReadNode = (kpid: PromiseKRef) => Node | undefined;
type Closure = ReadonlyMap<PromiseKRef, Node>;
type Load = Pick<VatLimits, 'delivery' | 'deliverySlots' | 'deliveryPromises'>;

const nodeOf = (data: CapData<KRef>): Node => ({
  children: data.slots.filter(isPromiseKRef),
  size: sizeOfData(data),
  slots: data.slots.length,
});

const EMPTY: Load = { delivery: 0, deliverySlots: 0, deliveryPromises: 0 };

const addLoad = (load: Load, closure: Closure, kpids: Iterable<PromiseKRef>): Load => {
  let { delivery, deliverySlots, deliveryPromises } = load;
  for (const kpid of kpids) {
    const node = closure.get(kpid);
    delivery += node?.size ?? 0;
    deliverySlots += node?.slots ?? 0;
    deliveryPromises += 1;
  }
  return { delivery, deliverySlots, deliveryPromises };
};

const fits = (load: Load, limits: Load): boolean =>
  load.delivery <= limits.delivery &&
  load.deliverySlots <= limits.deliverySlots &&
  load.deliveryPromises <= limits.deliveryPromises;

/** The resolved promises that these lead to, themselves included; undefined if there are too many. */
const walk = (roots: readonly PromiseKRef[], read: ReadNode, most: number): Closure | undefined => {
  const found = new Map<PromiseKRef, Node>();
  // Not by recursion: a vat chooses how long such a chain is.
  const pending = [...roots].reverse();
  for (let kpid = pending.pop(); kpid; kpid = pending.pop()) {
    if (found.has(kpid)) continue;
    const node = read(kpid);
    if (!node) continue;
    if (found.size >= most) return undefined;
    found.set(kpid, node);
    for (const child of node.children.toReversed()) pending.push(child);
  }
  return found;
};

const readStored =
  (state: KernelState): ReadNode =>
  kpid => {
    const promise = state.promises.get(kpid);
    return promise.state === 'unresolved' ? undefined : nodeOf(promise.data);
  };

/** As many rings as fit, beginning with the first; single promises are rings as well. */
const takeRings = (closure: Closure, limits: Load): readonly PromiseKRef[] => {
  const taken: PromiseKRef[] = [];
  let load = EMPTY;
  for (const ring of findRings(closure)) {
    load = addLoad(load, closure, ring);
    if (!fits(load, limits)) break;
    taken.push(...ring);
  }
  return taken;
};

/**
 * What a vat is told when it is told of `first`: that, and all that is resolved and that the data
 * mentions, however far. If that is too much, the vat gets the rest as it asks for it, which it does
 * for every promise that it hears of unresolved.
 */
export const chooseResolutions = (
  state: KernelState,
  vatID: VatID,
  first: PromiseKRef,
): readonly Resolution<KRef>[] => {
  const limits = state.vats.limitsOf(vatID);
  const closure = walk([first], readStored(state), limits.closure);
  const rejected = (problem: string): readonly Resolution<KRef>[] => [
    [first, true, makeErrorData(`the promise can not be told of: ${problem}`)],
  ];
  if (!closure) return rejected(`it leads to more than ${limits.closure} others`);
  const kpids = fits(addLoad(EMPTY, closure, closure.keys()), limits)
    ? [...closure.keys()]
    : takeRings(closure, limits);
  if (kpids.length === 0) return rejected('its data are too long');
  return kpids.map((kpid): Resolution<KRef> => {
    const promise = state.promises.get(kpid);
    if (promise.state === 'unresolved') throw Error(`${kpid} changed under way`);
    return [kpid, promise.state === 'rejected', promise.data];
  });
};

/**
 * Rejects those of the resolutions that would close a ring too long for a notification, or lead to
 * more promises than anybody can be told of.
 */
export const breakLongRings = (
  state: KernelState,
  decider: VatID | undefined,
  resolutions: readonly Resolution<KRef>[],
): readonly Resolution<KRef>[] => {
  if (!resolutions.some(([, , { slots }]) => slots.some(isPromiseKRef))) return resolutions;
  const limits = decider === undefined ? state.settings.limits : state.vats.limitsOf(decider);
  const fresh = new Map(resolutions.map(([kref, , data]) => [kref as PromiseKRef, nodeOf(data)]));
  const stored = readStored(state);
  const read: ReadNode = kpid => fresh.get(kpid) ?? stored(kpid);
  const roots = [...fresh]
    .filter(([, { children }]) => children.some(kpid => read(kpid) !== undefined))
    .map(([kpid]) => kpid);
  if (roots.length === 0) return resolutions;
  const closure = walk(roots, read, limits.closure);
  const tooLong = new Set<KRef>();
  if (!closure) for (const kpid of roots) tooLong.add(kpid);
  for (const ring of closure ? findRings(closure) : []) {
    if (ring.length > 1 && !fits(addLoad(EMPTY, closure ?? new Map(), ring), limits)) {
      for (const kpid of ring) tooLong.add(kpid);
    }
  }
  if (tooLong.size === 0) return resolutions;
  const problem = makeErrorData(
    'the promise was resolved to more promises that lead back to it than a vat can be told of',
  );
  return resolutions.map(each => (tooLong.has(each[0]) ? [each[0], true, problem] : each));
};
