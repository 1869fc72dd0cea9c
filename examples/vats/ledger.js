/** A shared vat with durable state: accounts that survive every restart. */
import { E, Far } from '@endo/far';
import { M, makeScalarBigMapStore, prepareExoClass, provide } from '@agoric/vat-data';

const AccountI = M.interface('Account', {
  deposit: M.call(M.number()).returns(M.number()),
  getBalance: M.call().returns(M.number()),
});

export const buildRootObject = (_vatPowers, { currency }, baggage) => {
  const accounts = provide(baggage, 'accounts', () =>
    makeScalarBigMapStore('accounts', { durable: true }),
  );
  const makeAccount = prepareExoClass(
    baggage,
    'Account',
    AccountI,
    owner => ({ owner, balance: 0 }),
    {
      deposit(amount) {
        this.state.balance += amount;
        return this.state.balance;
      },
      getBalance() {
        return this.state.balance;
      },
    },
  );
  // In RAM: each incarnation counts from zero.
  let visits = 0;

  return Far('ledger', {
    openAccount: owner => {
      visits += 1;
      if (!accounts.has(owner)) accounts.init(owner, makeAccount(owner));
      return accounts.get(owner);
    },
    /** Never settles by itself: the end of the incarnation rejects it. */
    whenClosed: () => new Promise(() => {}),
    report: async () => {
      visits += 1;
      const balances = {};
      for (const [owner, account] of accounts.entries()) {
        balances[owner] = await E(account).getBalance();
      }
      return { currency, balances, visits };
    },
  });
};
