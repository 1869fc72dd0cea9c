import { Far } from '@endo/far';

/** Starts once only. */
export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  if (baggage.has('ran')) throw Error('<script>window.hacked = 1</script> starts no more\u202e');
  baggage.init('ran', true);
  return Far('frail', { hello: text => text });
};
