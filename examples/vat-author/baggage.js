/** Baggage: what a vat puts there is there in each later incarnation. */
import { Far } from '@endo/far';
import { provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  // The first incarnation stores 0. Later ones find what is there.
  provide(baggage, 'count', () => 0);
  let sinceStart = 0;

  return Far('counter', {
    increment: () => {
      sinceStart += 1;
      baggage.set('count', baggage.get('count') + 1);
      return harden({ count: baggage.get('count'), sinceStart });
    },
  });
};
