/** Each start but the first does what the vat's parameters say. */
import { E, Far } from '@endo/far';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

export const buildRootObject = (vatPowers, { name, does = [] }, baggage) => {
  const { D, testLog, exitVat, exitVatWithFailure } = vatPowers;
  const kept = provide(baggage, 'kept', () => makeScalarBigMapStore('kept', { durable: true }));
  const held = [];
  const lives = kept.has('lives') ? kept.get('lives') + 1 : 1;

  const ways = {
    talk() {
      console.log(`${name} starts`);
      kept.get('row 1');
      testLog(`${name} starts`);
    },
    count: () => kept.set('count', D(kept.get('device')).count()),
    send: () => E(kept.get('friend')).hear(name),
    fail() {
      throw Error(`${name} does not start`);
    },
    exit: () => exitVat('enough'),
    exitWithFailure: () => exitVatWithFailure(Error(`${name} has had enough`)),
    spin() {
      for (;;);
    },
  };
  if (lives > 1) for (const way of does) ways[way]();
  if (lives === 1) kept.init('lives', lives);
  else kept.set('lives', lives);

  return Far('root', {
    prepare(device, friend) {
      for (let row = 0; row < 5; row += 1) kept.init(`row ${row}`, `${name} ${row}`);
      kept.init('count', 0);
      kept.init('heard', harden([]));
      kept.init('device', device);
      kept.init('friend', friend);
      const never = E(friend).never();
      never.catch(() => {});
      held.push(friend, never, Far('mine', {}));
    },
    hear: from => kept.set('heard', harden([...kept.get('heard'), from])),
    never: () => new Promise(() => {}),
    read: () => harden([kept.get('lives'), kept.get('count'), kept.get('heard')]),
  });
};
