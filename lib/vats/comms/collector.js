// @ts-check
/**
 * Drops, retires and deletes, at the end of a delivery, what lost its last reference. What the
 * delivery has no budget for waits in the row `lost` for the next delivery.
 *
 * @import { Budget } from './budget.js'
 * @import { CollectedWork, LocalRef, Place, PlaceID } from './types.js'
 * @import { Tables } from './references.js'
 * @import { Promises } from './promises.js'
 * @import { Store } from './store.js'
 */
import { isPromise } from './promises.js';

/** Of promises, of which each may lead to more. What lies beyond is taken to be in use. */
const MAX_WALK = 20_000;

/**
 * The promises reachable from the lost ones that only each other's data refer to. Reference counts
 * alone would keep a cycle of resolved promises, and whatever it mentions, forever. A walk that does
 * not get to the end finds fewer, and never one that is in use.
 *
 * @param {Promises} promises
 * @param {readonly LocalRef[]} lost
 * @param {Budget} budget
 */
const findDead = (promises, lost, budget) => {
  /** References from outside the group. @type {Map<LocalRef, number>} */
  const outside = new Map(lost.map(promise => [promise, promises.getRefCount(promise)]));
  /** @type {Map<LocalRef, readonly LocalRef[]>} */
  const mentionsOf = new Map();
  for (const member of outside.keys()) {
    if (mentionsOf.size === MAX_WALK || budget.isSpent()) break;
    // Some of a ring may have been deleted by the delivery before.
    const mentions = promises
      .getMentioned(member)
      .filter(mentioned => outside.has(mentioned) || promises.has(mentioned));
    mentionsOf.set(member, mentions);
    for (const mentioned of mentions) {
      const count = outside.get(mentioned) ?? promises.getRefCount(mentioned);
      outside.set(mentioned, count - 1);
    }
  }
  const walked = [...mentionsOf.keys()];
  const live = new Set(walked.filter(member => outside.get(member) !== 0));
  for (const member of live) {
    for (const mentioned of mentionsOf.get(member) ?? []) live.add(mentioned);
  }
  return {
    dead: walked.filter(member => !live.has(member)),
    unknown: lost.filter(promise => !mentionsOf.has(promise)),
  };
};

/**
 * @param {object} powers
 * @param {Budget} powers.budget
 * @param {Store} powers.store
 * @param {Tables} powers.tables
 * @param {(id: PlaceID) => Place} powers.getPlace
 */
export const makeCollector = ({ budget, store, tables: { objects, promises }, getPlace }) => {
  /** @type {Map<PlaceID, { drop: string[], retireOwned: string[], retireImported: string[] }>} */
  const workByPlace = new Map();
  /** @type {(id: PlaceID, kind: keyof CollectedWork, ref: string) => void} */
  const addWork = (id, kind, ref) => {
    const work = workByPlace.get(id) ?? { drop: [], retireOwned: [], retireImported: [] };
    work[kind].push(ref);
    workByPlace.set(id, work);
  };

  /** @type {(object: LocalRef) => void} */
  const collectObject = object => {
    const owner = objects.ownerOf(object);
    const { clist } = getPlace(owner);
    const ref = /** @type {string} */ (clist.refFor(object));
    if (!objects.isReachable(object) && clist.isReachable(object)) {
      clist.setReachable(object, false);
      addWork(owner, 'drop', ref);
    }
    if (objects.isRecognizable(object)) return;
    addWork(owner, 'retireOwned', ref);
    clist.remove(object);
    objects.remove(object);
  };

  return harden({
    /** The owner retires an object, so its importers lose it. */
    retireByOwner(/** @type {LocalRef} */ object) {
      if (objects.isReachable(object)) throw Error(`${object} is retired, but still in use`);
      for (const importer of objects.importersOf(object)) {
        addWork(importer, 'retireImported', getPlace(importer).loseImport(object));
      }
      getPlace(objects.ownerOf(object)).clist.remove(object);
      objects.remove(object);
    },

    /**
     * Tells the places what they have lost.
     *
     * @param {Set<LocalRef>} lost entries that may have lost their last reference in this delivery
     */
    collect(lost) {
      const before = store.getList('lost');
      for (const ref of before) lost.add(ref);
      const lostPromises = [...lost].filter(ref => isPromise(ref) && promises.has(ref));
      const { dead, unknown } = findDead(promises, lostPromises, budget);
      /** @type {LocalRef[]} */
      const rest = [...unknown];
      // Promises go first. Deleting them adds the objects that they held to `lost`.
      for (const promise of dead) {
        if (budget.isSpent()) rest.push(promise);
        else promises.remove(promise);
      }
      for (const ref of lost) {
        if (isPromise(ref)) continue;
        if (budget.isSpent()) rest.push(ref);
        else if (objects.has(ref)) collectObject(ref);
      }
      if (rest.length > 0) store.setList('lost', rest);
      else if (before.length > 0) store.delete('lost');
      for (const [id, work] of workByPlace) getPlace(id).sendCollected(work);
    },
  });
};

/** @typedef {ReturnType<typeof makeCollector>} Collector */
