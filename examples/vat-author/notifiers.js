/** Notifiers: when the notifier's vat restarts, its pending update is rejected. Ask again. */
import { E, Far } from '@endo/far';
import { isUpgradeDisconnection } from '@agoric/internal/src/upgrade-api.js';
import { M, prepareExo, provide, watchPromise } from '@agoric/vat-data';

const ObserverI = M.interface('Observer', {
  onFulfilled: M.call(M.any()).returns(),
  onRejected: M.call(M.any()).returns(),
});

export const buildRootObject = (_vatPowers, { timerService }, baggage) => {
  provide(baggage, 'seen', () => harden([]));

  const observer = prepareExo(baggage, 'observer', ObserverI, {
    onFulfilled: ({ value, updateCount }) => {
      baggage.set('seen', harden([...baggage.get('seen'), value.absValue]));
      observe(updateCount);
    },
    onRejected: reason => {
      // The new incarnation counts updates anew, so ask for its present one.
      if (isUpgradeDisconnection(reason)) observe(undefined);
    },
  });
  const observe = updateCount => {
    watchPromise(E(baggage.get('notifier')).getUpdateSince(updateCount), observer);
  };

  return Far('observer', {
    start: async () => {
      // The timer service's notifiers are durable, so one can be kept.
      baggage.init('notifier', await E(timerService).makeNotifier(0n, 10n));
      observe(undefined);
    },
    seen: () => baggage.get('seen'),
  });
};
