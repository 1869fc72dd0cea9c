/** Behaves like a contract on Zoe: keeps its service durably and refuses to get it again. */
import { E, Far } from '@endo/far';

export const buildRootObject = (_vatPowers, { till, price }, baggage) => {
  if (!baggage.has('till')) {
    baggage.init('till', till);
    baggage.init('sales', 0);
  } else if (till !== undefined) {
    throw Error('On restart till must not be in vatParameters');
  }
  return Far('shop', {
    /** `[sales so far, price, what is in the till]` */
    sell: async () => {
      baggage.set('sales', baggage.get('sales') + 1);
      return harden([baggage.get('sales'), price, await E(baggage.get('till')).pay(price)]);
    },
  });
};
