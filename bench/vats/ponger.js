import { Far } from '@endo/far';

/** Counts in a durable store, like a contract. */
export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  baggage.init('count', 0);
  return Far('root', {
    ping: n => {
      baggage.set('count', baggage.get('count') + 1);
      return n;
    },
  });
};
