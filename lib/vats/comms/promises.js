// @ts-check
/**
 * The promise table: for an unresolved promise its decider and subscribers, for a resolved one its
 * data.
 *
 * Invariants:
 * 1. The decider is a place, or `comms` while a delivery passes the decision from one place to
 *    another.
 * 2. `refCount` counts the promise's references in c-lists and in the data of resolved promises. A
 *    promise that no c-list leads to is deleted at the end of the delivery.
 * 3. A resolved promise holds a reference to everything in its data.
 *
 * Keys: `lpN.status` (`unresolved`, `fulfilled`, `rejected`), `lpN.decider`, `lpN.subscribers`
 * (remotes), `lpN.kernelSubscribed`, `lpN.refCount`, `lpN.data.body`, `lpN.data.slots`.
 *
 * @import { Data, LocalRef, PlaceID } from './types.js'
 * @import { Objects } from './objects.js'
 * @import { Store } from './store.js'
 */

/** @type {(ref: LocalRef) => boolean} */
export const isPromise = ref => ref.startsWith('lp');

const unresolvedFields = ['decider', 'subscribers', 'kernelSubscribed'];

/**
 * @param {Store} store
 * @param {Objects} objects
 * @param {(promise: LocalRef) => void} noteLoss called when a count decreases
 */
export const makePromises = (store, objects, noteLoss) => {
  /** @param {LocalRef} promise */
  const isResolved = promise => store.require(`${promise}.status`) !== 'unresolved';
  /** @param {LocalRef} promise */
  const has = promise => store.has(`${promise}.status`);
  /** @param {LocalRef} promise */
  const incref = promise => void store.add(`${promise}.refCount`, 1);
  /** @param {LocalRef} promise */
  const decref = promise => {
    store.add(`${promise}.refCount`, -1);
    noteLoss(promise);
  };
  /** @param {LocalRef} promise */
  const getRemoteSubscribers = promise => store.getList(`${promise}.subscribers`);
  /** Without the body, which may be long. @type {(promise: LocalRef) => LocalRef[]} */
  const getSlots = promise => store.getList(`${promise}.data.slots`);

  return harden({
    /** @type {(decider: PlaceID) => LocalRef} */
    add(decider) {
      const promise = `lp${store.allocate('lp.nextID')}`;
      store.set(`${promise}.status`, 'unresolved');
      store.set(`${promise}.decider`, decider);
      store.set(`${promise}.subscribers`, '');
      store.set(`${promise}.refCount`, 0);
      return promise;
    },
    isResolved,
    incref,
    decref,
    has,
    /** @type {(promise: LocalRef) => number} */
    getRefCount: promise => store.getNumber(`${promise}.refCount`),
    /** The promises in its data, one for each mention. */
    getMentioned: (/** @type {LocalRef} */ promise) =>
      isResolved(promise) ? getSlots(promise).filter(isPromise) : [],
    /** @type {(promise: LocalRef) => PlaceID | 'comms'} */
    deciderOf: promise => store.require(`${promise}.decider`),
    /** @type {(promise: LocalRef, decider: PlaceID | 'comms') => void} */
    setDecider: (promise, decider) => store.set(`${promise}.decider`, decider),

    /** @type {(promise: LocalRef) => PlaceID[]} */
    getSubscribers(promise) {
      const remotes = getRemoteSubscribers(promise);
      return store.has(`${promise}.kernelSubscribed`) ? ['kernel', ...remotes] : remotes;
    },
    /** @type {(promise: LocalRef, place: PlaceID) => void} */
    subscribe(promise, place) {
      if (place === 'kernel') return store.set(`${promise}.kernelSubscribed`, 'true');
      const others = getRemoteSubscribers(promise).filter(remote => remote !== place);
      store.setList(`${promise}.subscribers`, [...others, place].sort());
    },
    /** @type {(promise: LocalRef, place: PlaceID) => void} */
    unsubscribe(promise, place) {
      if (place === 'kernel') return store.delete(`${promise}.kernelSubscribed`);
      const others = getRemoteSubscribers(promise).filter(remote => remote !== place);
      store.setList(`${promise}.subscribers`, others);
    },

    /** @type {(promise: LocalRef) => { rejected: boolean, data: Data }} */
    getResolution: promise => ({
      rejected: store.require(`${promise}.status`) === 'rejected',
      data: { body: store.require(`${promise}.data.body`), slots: getSlots(promise) },
    }),
    /** @type {(promise: LocalRef, rejected: boolean, data: Data) => void} */
    resolve(promise, rejected, { body, slots }) {
      store.set(`${promise}.status`, rejected ? 'rejected' : 'fulfilled');
      store.set(`${promise}.data.body`, body);
      store.setList(`${promise}.data.slots`, slots);
      for (const slot of slots) isPromise(slot) ? incref(slot) : objects.hold(slot);
      for (const field of unresolvedFields) store.delete(`${promise}.${field}`);
    },
    /**
     * Deletes a promise that at most promises refer to which are deleted as well.
     *
     * @type {(promise: LocalRef) => void}
     */
    remove(promise) {
      for (const slot of isResolved(promise) ? getSlots(promise) : []) {
        if (!isPromise(slot)) objects.release(slot);
        else if (has(slot)) decref(slot);
      }
      for (const field of [...unresolvedFields, 'status', 'refCount', 'data.body', 'data.slots']) {
        store.delete(`${promise}.${field}`);
      }
    },
  });
};

/** @typedef {ReturnType<typeof makePromises>} Promises */
