import { Far } from '@endo/far';
import { makeScalarBigMapStore, prepareExoClass, provide } from '@agoric/vat-data';

/** A vat with kinds, durable objects, and virtual ones that a restart must delete. */
export const buildRootObject = ({ VatData }, _vatParameters, baggage) => {
  const accounts = provide(baggage, 'accounts', () =>
    makeScalarBigMapStore('accounts', { durable: true }),
  );
  const makeAccount = prepareExoClass(baggage, 'account', undefined, sum => ({ sum }), {
    read() {
      return this.state.sum;
    },
  });
  const virtual = VatData.makeScalarBigMapStore('virtual');
  return Far('root', {
    fill(rows) {
      for (let row = 0; row < rows; row += 1) {
        accounts.init(`account ${row}`, makeAccount(BigInt(row)));
        virtual.init(`entry ${row}`, `${row}`);
      }
    },
    total: () => [...accounts.values()].reduce((sum, account) => sum + account.read(), 0n),
  });
};
