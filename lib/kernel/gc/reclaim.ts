/**
 * Reclaims what only the RAM or the virtual (non-durable) data of an ended incarnation held
 * (design.md, section 4, "Restarting one vat", step 5). It runs in the crank that starts the next
 * incarnation, before `startVat`. At that moment the vat is its vatstore and its c-list, and the
 * next incarnation can only get references from durable data and vatParameters.
 *
 * Boundary: changes the vat's vatstore, c-list and subscriptions. The GC actions for other vats
 * follow from the reference counts at the end of the crank.
 *
 * Invariants
 * 1. Afterwards durable data, vatParameters or keys of durable weak collections mention every
 *    import in the c-list. An import that is only a weak key is dropped but not retired.
 * 2. A vat without liveslots, or with an unknown layout, keeps everything.
 * 3. A second run changes nothing.
 */
import type { Clist } from '../../state/clists.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { Vatstore } from '../../state/vatstore.js';
import type { KRef, ObjectKRef, PromiseKRef, VatID, VRef } from '../../types/ids.js';
import { retireObjects } from './gc.js';
import { COLLECTIONS_PREFIX, objectPrefix, vatstoreKeys } from './liveslots-vatstore.js';
import { VatstoreReclaim } from './reclaim-vatstore.js';
import type { SlogSender } from '../../types/slog.js';

/** How much was reclaimed: c-list entries by kind, and vatstore rows. */
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

/** Does a durable watcher wait for this promise? The next incarnation keeps watching it. */
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
 * Liveslots keeps no reference counts for device nodes, so this searches the durable data for them.
 * It runs only for vats that import any, and stops once each is found.
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

/** Is the vat's data laid out as this module expects? (Invariant 2.) */
const isKnownLayout = (state: KernelState, vatID: VatID): boolean =>
  // A vat with its own dispatch lays out its vatstore as it likes.
  !state.vats.getOptions(vatID).enableSetup &&
  BAGGAGE.test(state.vatstore(vatID).get(vatstoreKeys.baggageID) ?? '');

/**
 * Subscribes a vat to its own promises that durable watchers wait for. Liveslots does not subscribe
 * to a promise that was exported before it was watched, so its watcher would never hear that the
 * end of the incarnation rejects it.
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
 * Releases the promises of an ended incarnation and returns their number. This is the cheap part of
 * `reclaimVat`: it keeps resolutions that mean nothing to the next incarnation from waking the vat.
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
 * Reclaims for a vat between two incarnations. The state must hold the vatParameters for the next
 * incarnation, because what they mention is kept.
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
  // With relaxed rules durable data may hold virtual objects, so no row is known to be garbage.
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
