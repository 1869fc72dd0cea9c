// @ts-check
/**
 * The two-way table between the references of one place and the entries of the vat's own tables.
 *
 * Keys, after the place's prefix: `c.<inbound ref>` and `c.<entry>`; `cr.<object>` while the object
 * can be reached: by an importer, or, of an owner, as long as it was not told otherwise.
 *
 * @import { Clist } from './types.js'
 * @import { Store } from './store.js'
 */

/**
 * @param {Store} store
 * @param {string} prefix
 * @param {(ref: string) => string} flip from the outbound to the inbound spelling and back
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
      // Unless the entry has got another reference since.
      if (store.get(`${prefix}c.${local}`) === outbound) store.delete(`${prefix}c.${local}`);
    },
    isReachable: object => store.has(`${prefix}cr.${object}`),
    setReachable: (object, reachable) => {
      if (reachable) store.set(`${prefix}cr.${object}`, 1);
      else store.delete(`${prefix}cr.${object}`);
    },
  });
