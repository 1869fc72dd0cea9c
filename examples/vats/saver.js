/** One of two vats with an account at the ledger. It notices when the ledger restarts. */
import { E, Far } from '@endo/far';
import { M, prepareExo, provide, watchPromise } from '@agoric/vat-data';

const WatcherI = M.interface('Watcher', {
  onFulfilled: M.call(M.any()).returns(),
  onRejected: M.call(M.any()).returns(),
});

export const buildRootObject = (_vatPowers, { name, step }, baggage) => {
  provide(baggage, 'news', () => 'none');
  // A durable watcher is called even if the promise settles in a later incarnation.
  const watcher = prepareExo(baggage, 'watcher', WatcherI, {
    onFulfilled() {
      baggage.set('news', 'closed');
    },
    onRejected(reason) {
      baggage.set('news', reason);
    },
  });

  return Far('saver', {
    connect: async ledger => {
      baggage.init('account', await E(ledger).openAccount(name));
      watchPromise(E(ledger).whenClosed(), watcher);
    },
    save: () => E(baggage.get('account')).deposit(step),
    getNews: () => baggage.get('news'),
  });
};
