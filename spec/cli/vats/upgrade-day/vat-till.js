import { Far } from '@endo/far';

/** Was written for one life: it refuses to start with what an earlier one has left. */
export const buildRootObject = (_powers, _parameters, baggage) => {
  baggage.init('cash', 0);
  return Far('till', {
    add: amount => {
      baggage.set('cash', baggage.get('cash') + amount);
      return baggage.get('cash');
    },
  });
};
