/**
 * Kernel garbage collection: turns reference counts into the GC actions that vats are owed.
 * Source: SwingSet docs `garbage-collection.md`.
 *
 * Boundary: `processRefCounts` runs once at the end of each crank, when counts are settled.
 * `nextGCEvent` chooses the next GC delivery. Both only read and write tables.
 */
import type { ClistEntry } from '../../state/clists.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { GCAction } from '../../state/gc-queues.js';
import { referencesOfMessage, type KernelEvent } from '../../state/events.js';
import {
  compareIDs,
  isObjectKRef,
  isPromiseKRef,
  ROOT_OBJECT_VREF,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
  type VatID,
} from '../../types/ids.js';
import { collectPromiseCycles } from './promise-cycles.js';

/**
 * The root belongs to the vat. While the vat lives, its root is neither dropped nor retired, even
 * if nothing refers to it: hosts look it up by the vat's name (issue 10).
 */
const isRoot = ({ vref }: ClistEntry): boolean => vref === ROOT_OBJECT_VREF;

/** Deletes these objects and queues `retireImport` for every vat that still recognizes one. */
export const retireObjects = (state: KernelState, krefs: readonly ObjectKRef[]): void => {
  // Most objects have no recognizer left, which saves the search through every c-list.
  const recognized = krefs.filter(kref => state.objects.getRefCount(kref).recognizable > 0);
  const actions: GCAction[] = [];
  for (const vatID of recognized.length > 0 ? state.vats.allIDs() : []) {
    const clist = state.clist(vatID);
    for (const kref of recognized) {
      const entry = clist.getEntry(kref);
      if (entry && !entry.isExport) actions.push({ vatID, type: 'retireImport', kref });
    }
  }
  state.gc.addActions(actions);
  for (const kref of krefs) if (state.objects.exists(kref)) state.objects.delete(kref);
};

/** Deletes a promise without references. Returns false if it has some. */
const collectPromise = (state: KernelState, kpid: PromiseKRef): boolean => {
  if (!state.promises.exists(kpid)) return true;
  const promise = state.promises.get(kpid);
  if (promise.refCount > 0) return false;
  if (promise.state === 'unresolved') {
    for (const msg of state.promises.getQueue(kpid)) {
      for (const kref of referencesOfMessage(msg)) state.refs.decrement(kref);
    }
  } else {
    for (const kref of promise.data.slots) state.refs.decrement(kref);
  }
  state.promises.delete(kpid);
  return true;
};

/** The GC actions due for an object that may be free. An orphan is added to `orphans` instead. */
const collectObject = (
  state: KernelState,
  kref: ObjectKRef,
  orphans: ObjectKRef[],
): readonly GCAction[] => {
  if (!state.objects.exists(kref)) return [];
  const { reachable, recognizable } = state.objects.getRefCount(kref);
  if (reachable > 0) return [];
  const owner = state.objects.getOwner(kref);
  if (!owner) {
    orphans.push(kref);
    return [];
  }
  // Cleanup orphans a terminated owner's objects in batches, and then they are examined again.
  if (!state.vats.isLive(owner)) return [];
  const entry = state.clist(owner).getRequiredEntry(kref);
  if (isRoot(entry)) return [];
  return [
    ...(entry.reachable ? [{ vatID: owner, type: 'dropExport', kref } as const] : []),
    ...(recognizable === 0 ? [{ vatID: owner, type: 'retireExport', kref } as const] : []),
  ];
};

/** Frees what the crank left without references, until freeing one thing frees no other. */
export const processRefCounts = (state: KernelState): void => {
  for (let krefs: KRef[] = state.refs.takeMaybeFree(); krefs.length > 0;) {
    const orphans: ObjectKRef[] = [];
    const maybeCyclic: PromiseKRef[] = [];
    // The set of GC actions is one row, so write it once per round.
    const actions: GCAction[] = [];
    for (const kref of krefs) {
      if (isPromiseKRef(kref)) {
        if (!collectPromise(state, kref)) maybeCyclic.push(kref);
      } else if (isObjectKRef(kref)) actions.push(...collectObject(state, kref, orphans));
    }
    state.gc.addActions(actions);
    retireObjects(state, orphans);
    collectPromiseCycles(state, maybeCyclic);
    krefs = state.refs.takeMaybeFree();
  }
};

/** Is the action still due? References may have come back, or the object may be gone. */
const isOwed = (state: KernelState, { vatID, type, kref }: GCAction): boolean => {
  const entry = state.clist(vatID).getEntry(kref);
  // A store written by SwingSet may hold actions for a root.
  if (!entry || isRoot(entry)) return false;
  const { reachable, recognizable } = state.objects.getRefCount(kref);
  switch (type) {
    case 'dropExport':
      return entry.isExport && entry.reachable && reachable === 0;
    case 'retireExport':
      return entry.isExport && reachable === 0 && recognizable === 0;
    case 'retireImport':
      return !entry.isExport && !state.objects.exists(kref);
    default:
      return type satisfies never;
  }
};

const deliveryFor = {
  dropExport: 'dropExports',
  retireExport: 'retireExports',
  retireImport: 'retireImports',
} as const;

/**
 * Removes the next group of GC actions, of one kind and for one vat, and returns its event. Vats
 * come in vatID order, and drops before retirements. A group in which nothing is due any more
 * becomes a `negated-gc-action`. The actions of suspended and paused vats are kept elsewhere.
 */
export const nextGCEvent = (state: KernelState): KernelEvent | undefined => {
  const actions = state.gc.actions();
  for (const vatID of state.gc.vatIDs()) {
    for (const type of ['dropExport', 'retireExport', 'retireImport'] as const) {
      const group = actions.filter(action => action.vatID === vatID && action.type === type);
      if (group.length > 0) {
        // One vat can release more objects at once than another may get in one delivery.
        const { gcObjects } = state.vats.exists(vatID)
          ? state.vats.limitsOf(vatID)
          : state.settings.limits;
        group.sort((a, b) => compareIDs(a.kref, b.kref)).splice(gcObjects);
        state.gc.removeActions(group);
        const krefs = state.vats.isLive(vatID)
          ? group.filter(action => isOwed(state, action)).map(({ kref }) => kref)
          : [];
        return krefs.length > 0
          ? { type: deliveryFor[type], vatID, krefs: krefs.sort(compareIDs) }
          : { type: 'negated-gc-action', vatID };
      }
    }
  }
  return undefined;
};

/** Discards the GC actions of a vat that no longer exists. */
export const forgetGCActions = (state: KernelState, vatID: VatID): void =>
  state.gc.forgetActions(vatID);
