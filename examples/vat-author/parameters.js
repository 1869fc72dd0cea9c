/** Parameters: each incarnation gets those of the first, unless the restart passes others. */
import { E, Far } from '@endo/far';
import { provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, { fee, counter }, baggage) => {
  // Kept from the first start, whatever a later one passes.
  const firstFee = provide(baggage, 'firstFee', () => fee);

  return Far('office', {
    fees: () => harden({ fee, firstFee }),
    // A reference in the parameters must be to a durable object or to the root of a vat.
    count: () => E(counter).increment(),
  });
};
