/** The service that all shops use. It has no parameters that could hinder its restart. */
import { Far } from '@endo/far';
import { provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  provide(baggage, 'total', () => 0);
  return Far('till', {
    pay: price => {
      baggage.set('total', baggage.get('total') + price);
      return baggage.get('total');
    },
  });
};
