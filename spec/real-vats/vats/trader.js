/**
 * Makes offers, deposits what they pay out, and follows topics.
 *
 * Knows upgrades, as wallets do: when the other side restarts, it asks again for whatever it was
 * waiting for (`isUpgradeDisconnection`).
 */
import { E, Far } from '@endo/far';
import { isUpgradeDisconnection } from '@agoric/internal/src/upgrade-api.js';
import { makeScalarBigMapStore, prepareExo, provide, watchPromise } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const provideStore = name =>
    provide(baggage, name, () => makeScalarBigMapStore(name, { durable: true }));
  /** Purses and brands by the name of their issuer. */
  const purses = provideStore('purses');
  const brands = provideStore('brands');
  /** Purses by brand. */
  const purseOf = provideStore('purseOf');
  const invitations = provideStore('invitations');
  const seats = provideStore('seats');
  const topics = provideStore('topics');
  /** What was heard, by seat or topic. */
  const diary = provideStore('diary');

  const note = (about, line) =>
    diary.set(about, harden([...(diary.has(about) ? diary.get(about) : []), line]));
  const begin = about => (diary.has(about) ? undefined : diary.init(about, harden([])));

  const deposit = async payment => {
    const purse = purseOf.get(await E(payment).getAllegedBrand());
    return E(purse).deposit(payment);
  };

  const payoutWatcher = prepareExo(baggage, 'payoutWatcher', undefined, {
    onFulfilled: async (payouts, seat) => {
      for (const [keyword, payment] of Object.entries(payouts)) {
        const { value } = await deposit(payment);
        note(seat, harden([keyword, value]));
      }
    },
    onRejected: (reason, seat) => {
      if (!isUpgradeDisconnection(reason)) throw reason;
      note(seat, reason.upgradeMessage);
      watchPayouts(seat);
    },
  });
  const watchPayouts = seat => watchPromise(E(seats.get(seat)).getPayouts(), payoutWatcher, seat);

  const newsWatcher = prepareExo(baggage, 'newsWatcher', undefined, {
    onFulfilled: ({ head, publishCount }, topic) => {
      note(topic, head.value);
      watchNews(topic, publishCount);
    },
    onRejected: (reason, topic, after) => {
      if (!isUpgradeDisconnection(reason)) throw reason;
      note(topic, reason.upgradeMessage);
      watchNews(topic, after);
    },
  });
  const watchNews = (topic, after) =>
    watchPromise(E(topics.get(topic)).subscribeAfter(after), newsWatcher, topic, after);

  // A purse's notifier lives in RAM: after a restart the purse has another, which counts anew.
  const balanceWatcher = prepareExo(baggage, 'balanceWatcher', undefined, {
    onFulfilled: ({ value: { value }, updateCount }, name) => {
      note(name, value);
      watchBalance(name, updateCount);
    },
    onRejected: (reason, name) => {
      if (!isUpgradeDisconnection(reason)) throw reason;
      note(name, reason.upgradeMessage);
      watchBalance(name);
    },
  });
  const watchBalance = (name, after) => {
    const notifier = E(purses.get(name)).getCurrentAmountNotifier();
    watchPromise(E(notifier).getUpdateSince(after), balanceWatcher, name);
  };

  const amountOf = ([name, value]) => harden({ brand: brands.get(name), value });
  const amountsOf = keywords =>
    Object.fromEntries(
      Object.entries(keywords).map(([keyword, named]) => [keyword, amountOf(named)]),
    );
  const withdrawAll = async keywords => {
    const payments = {};
    for (const [keyword, named] of Object.entries(keywords)) {
      payments[keyword] = await E(purses.get(named[0])).withdraw(amountOf(named));
    }
    return payments;
  };
  const exitRule = deadline =>
    deadline === undefined
      ? { onDemand: null }
      : { afterDeadline: { timer: baggage.get('timer'), deadline } };

  return Far('trader', {
    begin: (zoe, timer) => {
      baggage.init('zoe', zoe);
      baggage.init('timer', timer);
    },
    openPurse: async (name, issuer) => {
      const [brand, purse] = await Promise.all([E(issuer).getBrand(), E(issuer).makeEmptyPurse()]);
      purses.init(name, purse);
      brands.init(name, brand);
      purseOf.init(brand, purse);
    },
    deposit,
    balance: async name => (await E(purses.get(name)).getCurrentAmount()).value,
    brandOf: name => brands.get(name),

    keep: (name, invitation) => invitations.init(name, invitation),
    surrender: name => {
      const invitation = invitations.get(name);
      invitations.delete(name);
      return invitation;
    },
    /** `give` and `want` map keywords to `[issuer, value]`. Resolves when the seat is there. */
    offer: async (seat, invitation, { give = {}, want = {}, deadline, args } = {}) => {
      begin(seat);
      const proposal = { give: amountsOf(give), want: amountsOf(want), exit: exitRule(deadline) };
      const userSeat = await E(baggage.get('zoe')).offer(
        invitations.get(invitation),
        harden(proposal),
        harden(await withdrawAll(give)),
        args && harden(args),
      );
      invitations.delete(invitation);
      seats.init(seat, userSeat);
      watchPayouts(seat);
    },
    result: seat => E(seats.get(seat)).getOfferResult(),
    keepResult: async (seat, name) =>
      invitations.init(name, await E(seats.get(seat)).getOfferResult()),
    tryExit: seat => E(seats.get(seat)).tryExit(),
    hasExited: seat => E(seats.get(seat)).hasExited(),

    subscribe: (topic, subscriber) => {
      begin(topic);
      topics.init(topic, subscriber);
      watchNews(topic);
    },
    watchBalance: name => {
      begin(name);
      watchBalance(name);
    },
    diary: about => diary.get(about),
  });
};
