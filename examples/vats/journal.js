/** A dynamic vat, created by the bootstrap vat. */
import { Far } from '@endo/far';
import { provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, { title }, baggage) => {
  provide(baggage, 'lines', () => 0);
  return Far('journal', {
    write: _line => {
      baggage.set('lines', baggage.get('lines') + 1);
    },
    report: () => ({ title, lines: baggage.get('lines') }),
  });
};
