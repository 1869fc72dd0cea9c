/** Can't start a second time. */
import { Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  if (baggage.has('started')) throw Error('a guest starts only once');
  baggage.init('started', true);
  return Far('guest', { answer: () => 42 });
};
