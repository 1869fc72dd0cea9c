// @ts-check
/**
 * VatIDs of critical vats whose creation is in progress. The list is durable, because a later
 * incarnation may get the callback. The row is created with the first entry.
 */

/** @import { Baggage } from '@agoric/vat-data' */

const KEY = 'criticalCreations';

/** @param {Baggage} baggage */
export const makeCriticalCreations = baggage => {
  /** @returns {readonly string[]} */
  const all = () => (baggage.has(KEY) ? baggage.get(KEY) : []);
  return harden({
    /** @param {string} vatID */
    has: vatID => all().includes(vatID),
    /** @param {string} vatID */
    add(vatID) {
      const vatIDs = harden([...all(), vatID]);
      if (baggage.has(KEY)) baggage.set(KEY, vatIDs);
      else baggage.init(KEY, vatIDs);
    },
    /** @param {string} vatID */
    delete(vatID) {
      if (all().includes(vatID)) baggage.set(KEY, harden(all().filter(each => each !== vatID)));
    },
  });
};
harden(makeCriticalCreations);
