/** Counts how often each numbered message of each sender arrived, and passes it on to a relay. */
import { E, Far } from '@endo/far';
import { makeScalarBigMapStore, prepareExo, provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const incarnation = baggage.has('incarnation') ? baggage.get('incarnation') + 1 : 0;
  baggage[incarnation === 0 ? 'init' : 'set']('incarnation', incarnation);
  const provideMap = name =>
    provide(baggage, name, () => makeScalarBigMapStore(name, { durable: true }));
  const counts = provideMap('counts');
  const totals = provideMap('totals');
  const bump = (map, key) => {
    const next = map.has(key) ? map.get(key) + 1 : 1;
    map[next === 1 ? 'init' : 'set'](key, next);
    return next;
  };

  const tally = prepareExo(baggage, 'tally', undefined, {
    /** @returns how often this number arrived from this sender */
    async add(sender, number) {
      bump(totals, sender);
      const times = bump(counts, `${sender}.${number}`);
      const relays = baggage.has('relays') ? baggage.get('relays') : [];
      if (relays.length > 0) await E(relays[number % relays.length]).note(number);
      return times;
    },
    /** @returns of this sender: how many messages arrived, and which did more than once */
    read(sender, whose = sender) {
      const twice = [...counts.entries()]
        .filter(([key, times]) => key.startsWith(`${whose}.`) && times > 1)
        .map(([key]) => key);
      return harden({ incarnation, total: totals.has(whose) ? totals.get(whose) : 0, twice });
    },
  });

  return Far('tally vat', {
    connect: relays => baggage.init('relays', relays),
    getTally: () => tally,
  });
};
