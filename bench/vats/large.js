import '@agoric/store';
import '@agoric/swingset-liveslots';
import '@endo/captp';
import '@endo/import-bundle';
import { makeScalarBigMapStore, prepareExoClass, provide } from '@agoric/vat-data';
import { Far } from '@endo/far';

/** A vat whose bundle is as large as a contract's, with as many durable rows and kinds as asked for. */
export const buildRootObject = (_vatPowers, { kinds = 0 } = {}, baggage) => {
  const entries = provide(baggage, 'entries', () =>
    makeScalarBigMapStore('entries', { durable: true }),
  );
  const makers = Array.from({ length: kinds }, (_, kind) =>
    prepareExoClass(baggage, `kind ${kind}`, undefined, value => ({ value }), {
      read() {
        return this.state.value;
      },
    }),
  );
  return Far('root', {
    total: () => BigInt(entries.getSize()),
    fill(rows) {
      const size = entries.getSize();
      for (let row = size; row < size + rows; row += 1) {
        const make = makers[row % kinds];
        entries.init(row, make ? make(row) : `row ${row}`);
      }
    },
  });
};
