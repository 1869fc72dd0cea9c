import '@agoric/store';
import '@agoric/swingset-liveslots';
import '@endo/captp';
import '@endo/import-bundle';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';
import { Far } from '@endo/far';

/** A vat whose bundle is as large as a contract's. */
export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const entries = provide(baggage, 'entries', () =>
    makeScalarBigMapStore('entries', { durable: true }),
  );
  return Far('root', { total: () => BigInt(entries.getSize()) });
};
