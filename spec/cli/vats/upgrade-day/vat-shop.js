import { Far } from '@endo/far';

/** Counts durably, and starts again on any platform. */
export const buildRootObject = (_powers, _parameters, baggage) => {
  if (!baggage.has('sold')) baggage.init('sold', 0);
  return Far('shop', {
    sell: count => {
      baggage.set('sold', baggage.get('sold') + count);
      return baggage.get('sold');
    },
  });
};
