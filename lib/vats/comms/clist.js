// @ts-check
/**
 * A place's c-list: the two-way table between its references and entries of the vat's tables.
 *
 * Keys, after the place's prefix: `c.<inbound ref>`, `c.<entry>`, and `cr.<object>` for a reachable
 * object. An owner's object is reachable until the owner is told to drop it.
 *
 * @import { Clist } from './types.js'
 * @import { Store } from './store.js'
 */

/**
 * @param {Store} store
 * @param {string} prefix
 * @param {(ref: string) => string} flip converts between outbound and inbound spelling
 * @returns {Clist}
 */
export const makeClist = (store, prefix, flip) =>
  harden({
    lookUp: inbound => store.get(`${prefix}c.${inbound}`),
    refFor: local => store.get(`${prefix}c.${local}`),
    add: (local, outbound) => {
      store.set(`${prefix}c.${flip(outbound)}`, local);
      store.set(`${prefix}c.${local}`, outbound);
    },
    remove: local => {
      store.delete(`${prefix}c.${flip(store.require(`${prefix}c.${local}`))}`);
      store.delete(`${prefix}c.${local}`);
    },
    removeRef: outbound => {
      const inbound = flip(outbound);
      const local = store.require(`${prefix}c.${inbound}`);
      store.delete(`${prefix}c.${inbound}`);
      // The entry may have a newer reference.
      if (store.get(`${prefix}c.${local}`) === outbound) store.delete(`${prefix}c.${local}`);
    },
    isReachable: object => store.has(`${prefix}cr.${object}`),
    setReachable: (object, reachable) => {
      if (reachable) store.set(`${prefix}cr.${object}`, 1);
      else store.delete(`${prefix}cr.${object}`);
    },
  });
