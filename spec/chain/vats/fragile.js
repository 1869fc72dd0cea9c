/** A vat that can't restart: its second incarnation refuses to start. */
import { Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  if (baggage.has('started')) throw Error('fragile: I have started before');
  baggage.init('started', true);
  return Far('fragile', { hello: () => 'fragile' });
};
