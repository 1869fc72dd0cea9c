import { Far } from '@endo/far';

/** Counts deposits durably, and starts again on any platform. */
export const buildRootObject = (_powers, _parameters, baggage) => {
  if (!baggage.has('balance')) baggage.init('balance', 0);
  return Far('bank', {
    deposit: amount => {
      baggage.set('balance', baggage.get('balance') + amount);
      return baggage.get('balance');
    },
  });
};
