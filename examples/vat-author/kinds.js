/** Durable kinds: each incarnation defines all of them, before `buildRootObject` is over. */
import { Far } from '@endo/far';
import { M, prepareExoClass } from '@agoric/vat-data';

const AccountI = M.interface('Account', {
  deposit: M.call(M.number()).returns(M.number()),
});

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  // Not inside a method, and not after an `await`: both would be too late.
  const makeAccount = prepareExoClass(baggage, 'Account', AccountI, () => ({ balance: 0 }), {
    deposit(amount) {
      this.state.balance += amount;
      return this.state.balance;
    },
  });

  return Far('bank', { open: () => makeAccount() });
};
