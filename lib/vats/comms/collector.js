// @ts-check
/**
 * Drops, retires and deletes, at the end of a delivery, what lost its last reference.
 *
 * @import { CollectedWork, LocalRef, Place, PlaceID } from './types.js'
 * @import { Tables } from './references.js'
 * @import { Promises } from './promises.js'
 */
import { isPromise } from './promises.js';

/**
 * The promises reachable from `start` that only each other's data refer to. Reference counts alone
 * would keep a cycle of resolved promises, and whatever it mentions, forever.
 *
 * @param {Promises} promises
 * @param {LocalRef} start
 */
const findDead = (promises, start) => {
  /** References from outside the group. @type {Map<LocalRef, number>} */
  const outside = new Map([[start, promises.getRefCount(start)]]);
  for (const member of outside.keys()) {
    for (const mentioned of promises.getMentioned(member)) {
      const count = outside.get(mentioned) ?? promises.getRefCount(mentioned);
      outside.set(mentioned, count - 1);
    }
  }
  const live = new Set([...outside.keys()].filter(member => outside.get(member) !== 0));
  for (const member of live) {
    for (const mentioned of promises.getMentioned(member)) live.add(mentioned);
  }
  return [...outside.keys()].filter(member => !live.has(member));
};

/**
 * @param {Tables} tables
 * @param {(id: PlaceID) => Place} getPlace
 */
export const makeCollector = ({ objects, promises }, getPlace) => {
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
      // Promises go first. Deleting them adds the objects that they held to `lost`.
      for (const ref of lost) {
        if (!isPromise(ref) || !promises.has(ref)) continue;
        promises.remove(findDead(promises, ref));
      }
      for (const ref of lost) if (!isPromise(ref) && objects.has(ref)) collectObject(ref);
      for (const [id, work] of workByPlace) getPlace(id).sendCollected(work);
    },
  });
};

/** @typedef {ReturnType<typeof makeCollector>} Collector */
