import { E, Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _parameters, baggage) => {
  const held = [];
  const vat = name => baggage.get(name);
  return Far('root', {
    bootstrap: vats => {
      const { maker } = vats;
      const [frail] = Object.keys(vats)
        .filter(name => name.startsWith('<'))
        .map(name => vats[name]);
      baggage.init('maker', maker);
      baggage.init('frail', frail);
      return 'ready';
    },
    /** Imports as many objects, and holds them. */
    collect: async count => {
      for (let index = 0; index < count; index += 1) held.push(await E(vat('maker')).make(index));
      return held.length;
    },
    /** Leaves a promise unresolved, with messages in its queue. */
    wait: () => {
      const never = E(vat('maker')).never();
      void E(never).first('<b>bold</b>');
      void E(never).second();
      held.push(never);
    },
    /** Sends to a vat that can't start. */
    callFrail: () => {
      void E(vat('frail')).hello('anybody there?');
    },
  });
};
