import { Far } from '@endo/far';

/** The same till, which goes on with what an earlier life has left. */
export const buildRootObject = (_powers, _parameters, baggage) => {
  if (!baggage.has('cash')) baggage.init('cash', 0);
  return Far('till', {
    add: amount => {
      baggage.set('cash', baggage.get('cash') + amount);
      return baggage.get('cash');
    },
  });
};
