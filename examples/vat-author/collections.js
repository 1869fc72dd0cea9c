/** Durable collections, for data that is too large for one value of the baggage. */
import { Far } from '@endo/far';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const prices = provide(baggage, 'prices', () =>
    makeScalarBigMapStore('prices', { durable: true }),
  );
  // Lost: this one is not durable. `baggage` would refuse it.
  const recent = makeScalarBigMapStore('recent');

  const put = (store, item, price) =>
    store.has(item) ? store.set(item, price) : store.init(item, price);

  return Far('shop', {
    setPrice: (item, price) => {
      put(prices, item, price);
      put(recent, item, price);
    },
    list: () => harden({ prices: [...prices.entries()], recent: [...recent.entries()] }),
  });
};
