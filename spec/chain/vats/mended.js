/** What `fragile.js` should have been. */
import { Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) =>
  Far('mended', { hello: () => `mended, ${baggage.has('started')}` });
