/* global VatData */
import { E, Far } from '@endo/far';

const { defineDurableKind, makeKindHandle } = VatData;

/** A vat for `runDVOTest`: a durable counter must go on where it was. */
export const buildRootObject = (_vatPowers, { step }, baggage) => {
  const isFirst = !baggage.has('handle');
  if (isFirst) baggage.init('handle', makeKindHandle('counter'));
  const makeCounter = defineDurableKind(baggage.get('handle'), () => ({ count: 0 }), {
    add: ({ state }, amount) => {
      state.count += amount;
      return state.count;
    },
  });
  if (isFirst) baggage.init('counter', makeCounter());
  return Far('root', {
    runTests: (driver, phase) => {
      void E(driver).log(`${phase}: ${baggage.get('counter').add(step)}`);
      void E(driver).testComplete();
    },
  });
};
