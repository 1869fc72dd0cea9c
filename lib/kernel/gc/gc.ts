/**
 * Kernel garbage collection: from reference counts to actions owed to vats.
 * Source: SwingSet docs `garbage-collection.md`.
 *
 * Boundary: `processRefCounts` runs once at the end of each crank, when counts are settled;
 * `nextGCEvent` chooses what to deliver. Both only read and write tables.
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
import { collectPromiseRings } from './promise-rings.js';

/**
 * A vat's root belongs to the vat: as long as that lives, the root is neither dropped nor retired,
 * even if nothing refers to it any more (issue 10). Hosts find it by the vat's name.
 */
const isRoot = ({ vref }: ClistEntry): boolean => vref === ROOT_OBJECT_VREF;

/** Tells every vat that still recognizes these objects, and deletes them. */
export const retireObjects = (state: KernelState, krefs: readonly ObjectKRef[]): void => {
  // Most objects have no recognizer left, and then no c-list needs to be looked at.
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

/** False if it is referred to. */
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

/** What is owed for an object that may be free; an orphan goes on the list of those to retire. */
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
  // A terminated owner's objects are orphaned bit by bit, and looked at again then.
  if (!state.vats.isLive(owner)) return [];
  const entry = state.clist(owner).getRequiredEntry(kref);
  if (isRoot(entry)) return [];
  return [
    ...(entry.reachable ? [{ vatID: owner, type: 'dropExport', kref } as const] : []),
    ...(recognizable === 0 ? [{ vatID: owner, type: 'retireExport', kref } as const] : []),
  ];
};

/** Frees what the crank left without references; freeing may make more so. */
export const processRefCounts = (state: KernelState): void => {
  for (let krefs: KRef[] = state.refs.takeMaybeFree(); krefs.length > 0;) {
    const orphans: ObjectKRef[] = [];
    const inRings: PromiseKRef[] = [];
    // A set of actions is one row: it is written once, however many objects a crank lets go.
    const actions: GCAction[] = [];
    for (const kref of krefs) {
      if (isPromiseKRef(kref)) {
        if (!collectPromise(state, kref)) inRings.push(kref);
      } else if (isObjectKRef(kref)) actions.push(...collectObject(state, kref, orphans));
    }
    state.gc.addActions(actions);
    retireObjects(state, orphans);
    collectPromiseRings(state, inRings);
    krefs = state.refs.takeMaybeFree();
  }
};

/** Is the action still called for? References may have come back, or the object may be gone. */
const isOwed = (state: KernelState, { vatID, type, kref }: GCAction): boolean => {
  const entry = state.clist(vatID).getEntry(kref);
  // A store of SwingSet may owe a vat the end of its root.
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
 * Takes the next group of actions of one kind for one vat out of the set: vats by number, drops
 * before retirements. A group with nothing owed any more becomes a `negated-gc-action`. What is owed
 * to suspended and paused vats is not in the set.
 */
export const nextGCEvent = (state: KernelState): KernelEvent | undefined => {
  const actions = state.gc.actions();
  for (const vatID of state.gc.vatIDs()) {
    for (const type of ['dropExport', 'retireExport', 'retireImport'] as const) {
      const group = actions.filter(action => action.vatID === vatID && action.type === type);
      if (group.length > 0) {
        // A vat can let go of more at once than another vat could take in one delivery.
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

/** Drops every action owed to a vat that is gone. */
export const forgetGCActions = (state: KernelState, vatID: VatID): void =>
  state.gc.forgetActions(vatID);
