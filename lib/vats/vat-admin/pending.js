// @ts-check
/**
 * Promises that wait for a callback from the kernel, by the ID that the callback names. They live
 * in RAM. When the incarnation ends, the kernel rejects them as disconnected.
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
     * @returns {Promise<T>} the same promise for this ID until it is settled
     */
    provide(id) {
      let kit = kits.get(id);
      if (!kit) {
        kit = makePromiseKit();
        // Without a listener a rejection must not count as unhandled.
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
