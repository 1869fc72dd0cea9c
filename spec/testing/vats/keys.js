/** Keeps keys and values of all kinds. */
import { Far } from '@endo/far';
import { M, makeScalarBigMapStore, makeScalarBigSetStore, prepareExo } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const thing = prepareExo(baggage, 'thing', M.interface('thing', {}), {});
  return Far('keys', {
    fill: () => {
      const map = makeScalarBigMapStore('map', { durable: true });
      const entries = [
        [false, 'boolean'],
        [-1.5, 'number'],
        [7n, 'bigint'],
        ['text', 'string'],
        [null, 'null'],
        [thing, 'object'],
      ];
      for (const [key, value] of entries) map.init(key, value);
      const set = makeScalarBigSetStore('set', { durable: true });
      set.add('member');
      baggage.init('map', map);
      baggage.init('set', set);
      baggage.init('list', harden([1n, undefined, { deep: 'value' }]));
      // Nothing durable holds this one.
      makeScalarBigMapStore('dropped', { durable: true }).init('key', 1);
    },
  });
};
