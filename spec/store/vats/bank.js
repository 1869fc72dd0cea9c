import { Far } from '@endo/far';
import { defineDurableKind, makeKindHandle, makeScalarBigMapStore } from '@agoric/vat-data';

/** Durable purses in a durable store: much vatstore traffic. */
export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const kind = makeKindHandle('purse');
  const makePurse = defineDurableKind(kind, name => ({ name, balance: 0 }), {
    deposit: ({ state }, amount) => {
      state.balance += amount;
      return state.balance;
    },
    balance: ({ state }) => state.balance,
  });
  const purses = makeScalarBigMapStore('purses', { durable: true });
  baggage.init('kind', kind);
  baggage.init('purses', purses);
  return Far('bank', {
    open: name => {
      const purse = makePurse(name);
      purses.init(name, purse);
      return purse;
    },
    /** The bank lets go of a purse; whoever holds it keeps it alive. */
    forget: name => purses.has(name) && purses.delete(name),
    total: () => [...purses.values()].length,
  });
};
