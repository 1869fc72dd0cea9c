// @ts-check
/**
 * VatIDs of critical vats that are being made. Durable, as the incarnation that hears of such a vat
 * may be another than the one that asked for it. The row is absent while there was never one.
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
