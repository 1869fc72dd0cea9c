// A vat with state of each kind: RAM, durable, and references to others.
import { E } from '@endo/eventual-send';
import { Far } from '@endo/far';

export const buildRootObject = (vatPowers, vatParameters, baggage) => {
  let inRam = 0;
  const log = [];
  if (!baggage.has('count')) baggage.init('count', vatParameters?.start ?? 0);
  return Far('counter', {
    increment: () => {
      inRam += 1;
      baggage.set('count', baggage.get('count') + 1);
      return [inRam, baggage.get('count')];
    },
    send: target => E(target).hello(inRam),
    say: text => {
      vatPowers.testLog('said', text);
      console.log('saying', text);
    },
    remember: size => {
      log.push(new Uint8Array(size).fill(log.length));
      return log.length;
    },
  });
};
