/**
 * Reclaims what a vat's old incarnation held in RAM or in merely-virtual data only (design.md 4,
 * «Restart of one vat», step 6). Runs in the crank that starts the next incarnation, before
 * `startVat`: then the vat consists of its vatstore and its c-list, nothing is in flight, and every
 * reference that the next incarnation can come by is in its durable data or its vatParameters.
 *
 * Boundary: the vat's vatstore, c-list and subscriptions; what others are owed follows from the
 * reference counts at the end of the crank, as always.
 *
 * Invariants
 * 1. After it the c-list has no import that durable data, vatParameters or keys of durable weak
 *    collections don't mention; those that are only keys are dropped and not retired.
 * 2. Vats that are not liveslots', or of a layout it does not know, are left as they are.
 * 3. Doing it again changes nothing.
 */
import type { Clist } from '../../state/clists.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { Vatstore } from '../../state/vatstore.js';
import type { KRef, ObjectKRef, PromiseKRef, VatID, VRef } from '../../types/ids.js';
import { retireObjects } from './gc.js';
import { COLLECTIONS_PREFIX, objectPrefix, vatstoreKeys } from './liveslots-vatstore.js';
import { VatstoreReclaim } from './reclaim-vatstore.js';
import type { SlogSender } from '../../types/slog.js';

/** How much was reclaimed: entries of the c-list by kind, and rows of the vatstore. */
export interface Reclaimed {
  /** Imported objects that were dropped, retired or both. */
  readonly imports: number;
  readonly promises: number;
  readonly devices: number;
  readonly rows: number;
}

const NOTHING: Reclaimed = { imports: 0, promises: 0, devices: 0, rows: 0 };

const BAGGAGE = /^o\+d[0-9]+\/[0-9]+$/;

const retireGoneExports = (state: KernelState, clist: Clist, vrefs: readonly VRef[]): void => {
  const retired = vrefs.flatMap(vref => {
    const kref = clist.getKRef(vref) as ObjectKRef | undefined;
    if (!kref) return [];
    clist.delete(kref);
    return [kref];
  });
  retireObjects(state, retired);
};

const reclaimImports = (
  clist: Clist,
  data: VatstoreReclaim,
  parameters: ReadonlySet<KRef>,
): number => {
  let count = 0;
  for (const [vref, kref] of clist.entriesByVRef('o-')) {
    if (data.isReferenced(vref) || parameters.has(kref)) continue;
    if (!data.isRecognized(vref)) {
      clist.delete(kref);
      count += 1;
    } else if (clist.getRequiredEntry(kref).reachable) {
      clist.clearReachable(kref);
      count += 1;
    }
  }
  return count;
};

/** Is a durable watcher waiting for the promise? The next incarnation takes it up again. */
const makeIsWatched = (rows: Vatstore): ((vref: VRef) => boolean) => {
  const table = rows.get(vatstoreKeys.watchedPromisesID)?.split('/')[1];
  if (table === undefined) return () => false;
  return vref => rows.get(vatstoreKeys.stringEntry(table, vref)) !== undefined;
};

const reclaimPromises = (
  state: KernelState,
  clist: Clist,
  rows: Vatstore,
  parameters: ReadonlySet<KRef>,
): number => {
  const isWatched = makeIsWatched(rows);
  let count = 0;
  for (const [vref, kref] of clist.entriesByVRef('p')) {
    if (isWatched(vref) || parameters.has(kref)) continue;
    const kpid = kref as PromiseKRef;
    if (state.promises.getState(kpid) === 'unresolved') {
      state.promises.removeSubscriber(kpid, clist.owner as VatID);
    }
    clist.delete(kpid);
    count += 1;
  }
  return count;
};

/**
 * Device nodes are counted nowhere, so the durable data is searched for them: in vats that have
 * any, once, and no further than to the last that is looked for.
 */
const reclaimDevices = (clist: Clist, rows: Vatstore, parameters: ReadonlySet<KRef>): number => {
  const unseen = new Map<KRef, string>();
  for (const [vref, kref] of clist.entriesByVRef('d-')) {
    if (!parameters.has(kref)) unseen.set(kref, `"${vref}"`);
  }
  for (const prefix of [COLLECTIONS_PREFIX, objectPrefix.durable]) {
    if (unseen.size === 0) break;
    for (const key of rows.keys(prefix)) {
      const text = rows.get(key) ?? '';
      for (const [kref, quoted] of unseen) if (text.includes(quoted)) unseen.delete(kref);
      if (unseen.size === 0) break;
    }
  }
  for (const kref of unseen.keys()) clist.delete(kref);
  return unseen.size;
};

/** Whose data is laid out as this module knows it. */
const isKnownLayout = (state: KernelState, vatID: VatID): boolean =>
  // What a vat with a dispatch of its own keeps where is its own business.
  !state.vats.getOptions(vatID).enableSetup &&
  BAGGAGE.test(state.vatstore(vatID).get(vatstoreKeys.baggageID) ?? '');

/**
 * Subscribes a vat to those of its own promises that durable watchers wait for. Liveslots leaves
 * that out where the promise had been exported before it was watched, and the watcher would never
 * hear that the incarnation's end rejects it.
 */
export const subscribeToWatched = (state: KernelState, vatID: VatID): void => {
  if (!isKnownLayout(state, vatID)) return;
  const isWatched = makeIsWatched(state.vatstore(vatID));
  for (const [vref, kref] of state.clist(vatID).entriesByVRef('p')) {
    if (!isWatched(vref)) continue;
    const kpid = kref as PromiseKRef;
    const promise = state.promises.get(kpid);
    if (promise.state === 'unresolved' && promise.decider === vatID) {
      state.promises.addSubscriber(kpid, vatID);
    }
  }
};

/**
 * Lets go of the promises of an incarnation that has ended: the part of `reclaimVat` that costs
 * little, and that keeps their resolutions from waking a vat that could make nothing of them.
 */
export const reclaimPromisesOf = (state: KernelState, vatID: VatID): number =>
  isKnownLayout(state, vatID)
    ? reclaimPromises(
        state,
        state.clist(vatID),
        state.vatstore(vatID),
        new Set(state.parameterSlots(vatID)),
      )
    : 0;

/**
 * Reclaims for a vat whose old incarnation has ended and whose next has not begun. Its
 * vatParameters are those that the next incarnation gets.
 */
export const reclaimVat = (
  { state, slog }: { readonly state: KernelState; readonly slog: { readonly write: SlogSender } },
  vatID: VatID,
): Reclaimed => {
  if (!isKnownLayout(state, vatID)) return NOTHING;
  const rows = state.vatstore(vatID);
  const clist = state.clist(vatID);
  const kernelReaches = (vref: VRef): boolean => {
    const kref = clist.getKRef(vref);
    return kref !== undefined && clist.getRequiredEntry(kref).reachable;
  };
  const data = new VatstoreReclaim(rows, kernelReaches);
  // With relaxed rules durable data may hold virtual things, and which of them nobody can tell.
  if (!state.settings.relaxDurabilityRules) data.run();
  retireGoneExports(state, clist, data.goneExports);

  const parameters = new Set(state.parameterSlots(vatID));
  const reclaimed: Reclaimed = {
    imports: reclaimImports(clist, data, parameters),
    promises: reclaimPromises(state, clist, rows, parameters),
    devices: reclaimDevices(clist, rows, parameters),
    rows: data.rowsDeleted,
  };
  slog.write({ type: 'vat-reclaim', vatID, ...reclaimed });
  return reclaimed;
};
