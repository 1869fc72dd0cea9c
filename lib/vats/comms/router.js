// @ts-check
/**
 * Routes messages and resolutions to their places, in entries of the vat's tables. Each place
 * translates them to its own references.
 *
 * @import { Data, LocalRef, Place, PlaceID, Resolution } from './types.js'
 * @import { Promises } from './promises.js'
 * @import { Tables } from './references.js'
 */
import { describeMethod } from '../../types/readable-data.js';
import { errorData, isSingleReference } from './marshalled.js';
import { isPromise } from './promises.js';

/**
 * @param {Tables} tables
 * @param {(id: PlaceID) => Place} getPlace
 */
export const makeRouter = ({ objects, promises }, getPlace) => {
  /** @type {(resolver: PlaceID | 'comms', resolutions: readonly Resolution[]) => void} */
  const resolve = (resolver, resolutions) => {
    /** @type {Map<PlaceID, LocalRef[]>} */
    const audience = new Map();
    for (const { promise, rejected, data } of resolutions) {
      if (promises.isResolved(promise) || promises.deciderOf(promise) !== resolver) {
        throw Error(`${resolver} resolves ${promise}, which is not its to decide`);
      }
      for (const id of promises.getSubscribers(promise)) {
        const told = audience.get(id);
        if (told) told.push(promise);
        else audience.set(id, [promise]);
      }
      promises.resolve(promise, rejected, data);
    }
    if (resolver !== 'comms') {
      for (const { promise } of resolutions) getPlace(resolver).forgetPromise(promise);
    }
    for (const [id, resolved] of audience) getPlace(id).announce(resolved);
  };

  /**
   * The place that gets a message for `target`, or the reason why none can.
   *
   * @param {LocalRef} target
   * @param {Data} methargs
   * @returns {{ place: Place, target: LocalRef } | { failure: Data }}
   */
  const findDestination = (target, methargs) => {
    if (!isPromise(target)) return { place: getPlace(objects.ownerOf(target)), target };
    if (!promises.isResolved(target))
      return { place: getPlace(promises.deciderOf(target)), target };
    const { rejected, data } = promises.getResolution(target);
    if (rejected) return { failure: data };
    if (isSingleReference(data)) {
      return findDestination(/** @type {LocalRef} */ (data.slots[0]), methargs);
    }
    const problem = `data is not callable, has no method ${describeMethod(methargs)}`;
    return { failure: errorData(problem, 'TypeError') };
  };

  return harden({
    resolve,

    /**
     * @param {LocalRef} target
     * @param {Data} methargs
     * @param {LocalRef | undefined} result a promise that `comms` decides until the message is sent
     */
    send(target, methargs, result) {
      const destination = findDestination(target, methargs);
      if ('place' in destination) {
        destination.place.deliver(destination.target, methargs, result);
      } else if (result) {
        resolve('comms', [{ promise: result, rejected: true, data: destination.failure }]);
      }
    },
  });
};

/** @typedef {ReturnType<typeof makeRouter>} Router */
