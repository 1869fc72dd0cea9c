import { Far } from '@endo/far';
import { provide } from '@agoric/vat-data';

/** Counts in the heap and in durable state. */
export const buildRootObject = (_vatPowers, { start = 0n } = {}, baggage) => {
  let inHeap = 0;
  provide(baggage, 'total', () => start);
  return Far('counter', {
    increment: () => {
      inHeap += 1;
      baggage.set('total', baggage.get('total') + 1n);
      return [inHeap, baggage.get('total')];
    },
  });
};
