// @ts-check
/**
 * Promises that wait for a callback of the kernel, by the ID that the callback will name. They live
 * in RAM: an incarnation that ends leaves none to settle, the kernel rejects them as disconnected.
 */
import { makePromiseKit } from '@endo/promise-kit';

/** @import { PromiseKit } from '@endo/promise-kit' */

/** @template T */
export const makePending = () => {
  /** @type {Map<string, PromiseKit<T>>} */
  const kits = new Map();
  /** @param {string} id */
  const take = id => {
    const kit = kits.get(id);
    kits.delete(id);
    return kit;
  };
  return harden({
    /**
     * @param {string} id
     * @returns {Promise<T>} the same until it is settled
     */
    provide(id) {
      let kit = kits.get(id);
      if (!kit) {
        kit = makePromiseKit();
        // that nobody listens is no reason to complain of an unhandled rejection
        kit.promise.catch(() => {});
        kits.set(id, kit);
      }
      return kit.promise;
    },
    isEmpty: () => kits.size === 0,
    /** @param {string} id */
    has: id => kits.has(id),
    /** @param {string} id @param {T} value */
    resolve(id, value) {
      take(id)?.resolve(value);
    },
    /** @param {string} id @param {unknown} reason */
    reject(id, reason) {
      take(id)?.reject(reason);
    },
  });
};
harden(makePending);
