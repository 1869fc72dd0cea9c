// @ts-check
/**
 * The object table: the owner (exporter), the importers and the reference counts of each object.
 *
 * Invariants:
 * 1. `reachable` counts the importers that reach the object and its mentions in the data of
 *    resolved promises. `recognizable` counts all importers and those mentions. The owner never
 *    counts.
 * 2. An object whose `recognizable` is zero is deleted at the end of the delivery.
 *
 * Keys: `loN.owner`, `loN.reachable`, `loN.recognizable`, `imps.loN`.
 *
 * @import { LocalRef, PlaceID } from './types.js'
 * @import { Store } from './store.js'
 */

/**
 * @param {Store} store
 * @param {(object: LocalRef) => void} noteLoss called when a count falls to zero, and when it may
 *   never have risen
 */
export const makeObjects = (store, noteLoss) => {
  /** @type {(object: LocalRef, count: 'reachable' | 'recognizable', change: number) => void} */
  const change = (object, count, by) => {
    if (store.add(`${object}.${count}`, by) === 0 && by < 0) noteLoss(object);
  };
  /** @type {(object: LocalRef) => PlaceID[]} */
  const importersOf = object => JSON.parse(store.get(`imps.${object}`) ?? '[]');

  return harden({
    /** @type {(owner: PlaceID) => LocalRef} */
    add(owner) {
      const object = `lo${store.allocate('lo.nextID')}`;
      store.set(`${object}.owner`, owner);
      store.set(`${object}.reachable`, 0);
      store.set(`${object}.recognizable`, 0);
      return object;
    },
    /** The owner mentions the object, perhaps to nobody. @type {(object: LocalRef) => void} */
    noteMention: noteLoss,
    /** @type {(object: LocalRef) => boolean} */
    has: object => store.has(`${object}.owner`),
    /** @type {(object: LocalRef) => PlaceID} */
    ownerOf: object => store.require(`${object}.owner`),
    importersOf,
    /** @type {(object: LocalRef) => boolean} */
    isReachable: object => store.getNumber(`${object}.reachable`) > 0,
    /** @type {(object: LocalRef) => boolean} */
    isRecognizable: object => store.getNumber(`${object}.recognizable`) > 0,

    /** @type {(object: LocalRef, place: PlaceID) => void} */
    addImporter(object, place) {
      store.setJSON(`imps.${object}`, [...importersOf(object), place].sort());
      change(object, 'recognizable', 1);
    },
    /** @type {(object: LocalRef, place: PlaceID) => void} */
    removeImporter(object, place) {
      const others = importersOf(object).filter(importer => importer !== place);
      store.setJSON(`imps.${object}`, others);
      change(object, 'recognizable', -1);
    },
    /** @type {(object: LocalRef, reachable: boolean) => void} */
    countReachable: (object, reachable) => change(object, 'reachable', reachable ? 1 : -1),
    /** A resolved promise mentions the object. @type {(object: LocalRef) => void} */
    hold(object) {
      change(object, 'reachable', 1);
      change(object, 'recognizable', 1);
    },
    /** @type {(object: LocalRef) => void} */
    release(object) {
      change(object, 'reachable', -1);
      change(object, 'recognizable', -1);
    },
    /** @type {(object: LocalRef) => void} */
    remove(object) {
      for (const field of ['owner', 'reachable', 'recognizable']) {
        store.delete(`${object}.${field}`);
      }
      store.delete(`imps.${object}`);
    },
  });
};

/** @typedef {ReturnType<typeof makeObjects>} Objects */
