import { Far } from '@endo/far';
import { makeScalarBigMapStore, prepareExoClass, provide } from '@agoric/vat-data';

/** A typical vat: a kind, a collection, some durable objects. */
export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const entries = provide(baggage, 'entries', () =>
    makeScalarBigMapStore('entries', { durable: true }),
  );
  const makeEntry = prepareExoClass(baggage, 'entry', undefined, text => ({ text }), {
    read() {
      return this.state.text;
    },
  });
  return Far('root', {
    write(text) {
      for (let index = 0; index < 10; index += 1) {
        entries.init(entries.getSize(), makeEntry(`${text} ${index}`));
      }
    },
    count: () => entries.getSize(),
  });
};
