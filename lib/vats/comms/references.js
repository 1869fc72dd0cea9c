// @ts-check
/**
 * Translates between one place's references and entries of the vat's tables, and keeps the
 * reference counts. The kernel and remotes share it.
 *
 * @import { Clist, LocalRef, PlaceID } from './types.js'
 * @import { Objects } from './objects.js'
 * @import { Promises } from './promises.js'
 */
import { isPromise } from './promises.js';

/**
 * @typedef {object} Tables
 * @property {Objects} objects
 * @property {Promises} promises
 */

/**
 * @typedef {object} ReferencesOptions
 * @property {PlaceID} id
 * @property {Clist} clist
 * @property {(ref: string) => boolean} isTheirs did the place allocate this inbound reference?
 * @property {(ref: string) => boolean} isObjectRef
 * @property {(ref: string) => string} flip
 * @property {(kind: 'o' | 'p') => string} allocate a new outbound reference
 * @property {(object: LocalRef) => void} [noteMention] an object is mentioned to the place
 * @property {(object: LocalRef) => void} [noteForget] the place has lost an imported object
 * @property {(promise: LocalRef, ref: string) => void} [noteNewPromise] one came from the place
 */

/**
 * @param {Tables} tables
 * @param {ReferencesOptions} options
 */
export const makeReferences = ({ objects, promises }, options) => {
  const { id, clist, isTheirs, isObjectRef, flip, allocate } = options;
  const { noteMention, noteForget, noteNewPromise } = options;

  /** Promises already resolved when the place imported them. @type {LocalRef[]} */
  const untold = [];
  /** Resolved promises that the current announcement covers. @type {Set<LocalRef>} */
  const announcing = new Set();

  /** @type {(ref: string) => LocalRef} */
  const introduce = ref => {
    if (!isTheirs(ref)) throw Error(`${id} was never given ${ref}`);
    const local = isObjectRef(ref) ? objects.add(id) : promises.add(id);
    clist.add(local, flip(ref));
    if (isPromise(local)) {
      promises.incref(local);
      noteNewPromise?.(local, ref);
    }
    return local;
  };

  /** @type {(object: LocalRef) => void} */
  const reachImport = object => {
    noteMention?.(object);
    if (clist.isReachable(object)) return;
    clist.setReachable(object, true);
    objects.countReachable(object, true);
  };

  /** @type {(object: LocalRef) => string} */
  const exportObject = object => {
    const known = clist.refFor(object);
    if (objects.ownerOf(object) === id) {
      if (!known) throw Error(`${id} has forgotten its own ${object}`);
      return known;
    }
    const ref = known ?? allocate('o');
    if (!known) {
      clist.add(object, ref);
      objects.addImporter(object, id);
    }
    reachImport(object);
    return ref;
  };

  /** @type {(promise: LocalRef) => string} */
  const exportPromise = promise => {
    const known = clist.refFor(promise);
    const isResolved = promises.isResolved(promise);
    // A place forgets a promise's reference once it has the resolution. A later mention needs a new
    // reference.
    if (known && (!isResolved || announcing.has(promise))) return known;
    const ref = allocate('p');
    clist.add(promise, ref);
    promises.incref(promise);
    if (isResolved) {
      announcing.add(promise);
      untold.push(promise);
    } else if (promises.deciderOf(promise) !== id) {
      promises.subscribe(promise, id);
    }
    return ref;
  };

  /** Forgets one reference to a promise. @type {(ref: string) => void} */
  const forgetPromiseRef = ref => {
    const promise = /** @type {LocalRef} */ (clist.lookUp(flip(ref)));
    clist.removeRef(ref);
    promises.decref(promise);
  };

  /** @type {(object: LocalRef) => boolean} */
  const isImport = object => objects.ownerOf(object) !== id;

  /** The part of a `Place` that all places have alike. */
  const placeMethods = {
    clist,

    /** @type {(ref: string) => LocalRef} */
    importRef(ref) {
      const local = clist.lookUp(ref) ?? introduce(ref);
      if (isPromise(local)) return local;
      if (isImport(local)) {
        if (!clist.isReachable(local)) throw Error(`${id} mentions ${ref} after dropping it`);
        return local;
      }
      if (!clist.isReachable(local)) clist.setReachable(local, true);
      objects.noteMention(local);
      return local;
    },

    /** @type {(ref: LocalRef) => string} */
    exportRef: ref => (isPromise(ref) ? exportPromise(ref) : exportObject(ref)),

    /** @type {(promise: LocalRef) => void} */
    forgetPromise: promise => forgetPromiseRef(/** @type {string} */ (clist.refFor(promise))),

    /** The owner retired the object. Returns the place's reference to it. */
    loseImport(/** @type {LocalRef} */ object) {
      const ref = /** @type {string} */ (clist.refFor(object));
      clist.remove(object);
      noteForget?.(object);
      return ref;
    },
  };

  return harden({
    ...placeMethods,
    placeMethods,
    isImport,

    /**
     * Would `importRef` accept the reference?
     *
     * @param {string} ref
     */
    isKnownOrNew(ref) {
      const known = clist.lookUp(ref);
      if (!known) return isTheirs(ref);
      return isPromise(known) || !isImport(known) || clist.isReachable(known);
    },

    /** For `addEgress`: exports an object under a given reference. */
    exportObjectAs(/** @type {LocalRef} */ object, /** @type {string} */ ref) {
      clist.add(object, ref);
      objects.addImporter(object, id);
      reachImport(object);
    },

    /** Returns, once, the promises whose resolution must follow the message that mentioned them. */
    takeUntold: () => untold.splice(0),
    /** Begins an announcement: until it ends, these promises keep their references. */
    startAnnouncing: (/** @type {readonly LocalRef[]} */ resolved) =>
      resolved.forEach(promise => announcing.add(promise)),
    finishAnnouncing: () => announcing.clear(),

    /** The place gives up the decision about a promise and subscribes to it. */
    takeDecision(/** @type {LocalRef} */ promise) {
      if (promises.isResolved(promise) || promises.deciderOf(promise) !== id) {
        throw Error(`${id} does not decide ${promise}`);
      }
      promises.setDecider(promise, 'comms');
      promises.subscribe(promise, id);
    },
    /** The place becomes the promise's decider. */
    giveDecision(/** @type {LocalRef} */ promise) {
      if (promises.deciderOf(promise) !== 'comms') throw Error(`comms can't give ${promise} away`);
      promises.setDecider(promise, id);
      promises.unsubscribe(promise, id);
    },

    forgetPromiseRef,

    /** The place can no longer reach its import. @type {(object: LocalRef) => void} */
    dropImport(object) {
      if (!isImport(object)) throw Error(`${id} drops ${object}, which is its own`);
      if (!clist.isReachable(object)) return;
      clist.setReachable(object, false);
      objects.countReachable(object, false);
    },
    /** The place can no longer recognize its import. @type {(object: LocalRef) => void} */
    retireImport(object) {
      if (!isImport(object)) throw Error(`${id} retires ${object} as an import, but it is its own`);
      if (clist.isReachable(object)) throw Error(`${id} retires ${object} without dropping it`);
      clist.remove(object);
      noteForget?.(object);
      objects.removeImporter(object, id);
    },
  });
};

/** @typedef {ReturnType<typeof makeReferences>} References */
