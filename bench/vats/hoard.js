import { Far } from '@endo/far';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

/** Keeps many rows, and reads and writes some of them in one delivery. */
export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const rows = provide(baggage, 'rows', () => makeScalarBigMapStore('rows', { durable: true }));
  return Far('root', {
    bootstrap() {},
    fill(count) {
      const size = rows.getSize();
      for (let row = size; row < size + count; row += 1) rows.init(row, `row ${row}`);
    },
    /** For each row, liveslots gets the old value and sets the new one. */
    touch(count, value) {
      for (let row = 0; row < count; row += 1) rows.set(row, value);
    },
    total: () => BigInt(rows.getSize()),
  });
};
