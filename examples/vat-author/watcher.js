/** A client that waits for another vat's answer, and asks again when that vat has restarted. */
import { E, Far } from '@endo/far';
import { isUpgradeDisconnection } from '@agoric/internal/src/upgrade-api.js';
import { M, prepareExo, provide, watchPromise } from '@agoric/vat-data';

const WatcherI = M.interface('Watcher', {
  onFulfilled: M.call(M.any()).returns(),
  onRejected: M.call(M.any()).returns(),
});

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  provide(baggage, 'answer', () => 'none yet');
  provide(baggage, 'disconnections', () => harden([]));

  // A `then` or an `await` is lost with RAM. A durable watcher is called in a later incarnation.
  const watcher = prepareExo(baggage, 'watcher', WatcherI, {
    onFulfilled: value => baggage.set('answer', value),
    onRejected: reason => {
      if (!isUpgradeDisconnection(reason)) return baggage.set('answer', `failed: ${reason}`);
      baggage.set('disconnections', harden([...baggage.get('disconnections'), reason]));
      return ask();
    },
  });
  const ask = () => {
    watchPromise(E(baggage.get('oven')).whenDone(), watcher);
  };

  return Far('client', {
    connect: oven => {
      baggage.init('oven', oven);
      ask();
    },
    report: () =>
      harden({ answer: baggage.get('answer'), disconnections: baggage.get('disconnections') }),
  });
};
