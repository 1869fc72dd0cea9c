/** A vat that can't start again once it is broken. */
import { Far } from '@endo/far';

export const buildRootObject = (_powers, _parameters, baggage) => {
  if (baggage.has('broken')) throw Error('it is broken');
  return Far('fragile', {
    ping: () => 'pong',
    break: () => baggage.init('broken', true),
  });
};
