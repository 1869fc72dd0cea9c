/**
 * Chooses which resolved promises one `notify` delivery resolves together.
 *
 * Boundary: reads tables and decides. The caller delivers or resolves.
 *
 * Invariants
 * 1. Promises whose data refer to each other in a cycle go to a vat in one delivery. A vat forgets
 *    a promise once it is resolved, so one by one each would import the next, forever.
 * 2. No resolution makes a cycle too long for one notification (`rejectLongCycles`). A store
 *    adopted from SwingSet may contain one. The vat then gets the promise as rejected.
 */
import type { KernelState } from '../../state/kernel-state.js';
import { isPromiseKRef, type KRef, type PromiseKRef, type VatID } from '../../types/ids.js';
import type { CapData, Resolution } from '../../types/messages.js';
import type { VatLimits } from '../../types/vat-limits.js';
import { sizeOfData } from './capdata-limits.js';
import { makeErrorData } from './kmarshal.js';
import { findComponents } from './strong-components.js';

/** The facts about a resolved promise that decide. Its data may be long and is not kept. */
interface Node {
  readonly children: readonly PromiseKRef[];
  readonly size: number;
  readonly slots: number;
}

/** Returns undefined for an unresolved promise. */
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

/**
 * The resolved promises reachable from these, themselves included; undefined for more than `most`.
 */
const walk = (roots: readonly PromiseKRef[], read: ReadNode, most: number): Closure | undefined => {
  const found = new Map<PromiseKRef, Node>();
  // No recursion: a vat chooses how long such a chain is.
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

/** As many whole components as fit, from the first on. A component is a cycle or one promise. */
const takeComponents = (closure: Closure, limits: Load): readonly PromiseKRef[] => {
  const taken: PromiseKRef[] = [];
  let load = EMPTY;
  for (const component of findComponents(closure)) {
    load = addLoad(load, closure, component);
    if (!fits(load, limits)) break;
    taken.push(...component);
  }
  return taken;
};

/**
 * The resolutions that a notification of `first` carries: `first` and every resolved promise that
 * its data reach. If those exceed the vat's limits, it gets as many as fit. It subscribes to the
 * others, as to every unresolved promise that it imports, and gets them in later notifications.
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
    : takeComponents(closure, limits);
  if (kpids.length === 0) return rejected('its data are too long');
  return kpids.map((kpid): Resolution<KRef> => {
    const promise = state.promises.get(kpid);
    if (promise.state === 'unresolved') throw Error(`${kpid} changed under way`);
    return [kpid, promise.state === 'rejected', promise.data];
  });
};

/**
 * Replaces with a rejection each resolution that would close a cycle too long for one notification,
 * or lead to more promises than one may carry (invariant 2).
 */
export const rejectLongCycles = (
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
  for (const component of closure ? findComponents(closure) : []) {
    if (component.length > 1 && !fits(addLoad(EMPTY, closure ?? new Map(), component), limits)) {
      for (const kpid of component) tooLong.add(kpid);
    }
  }
  if (tooLong.size === 0) return resolutions;
  const problem = makeErrorData(
    'the promise was resolved to more promises that lead back to it than a vat can be told of',
  );
  return resolutions.map(each => (tooLong.has(each[0]) ? [each[0], true, problem] : each));
};
