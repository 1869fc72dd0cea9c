/** Durable ERTP issuers. */
import { Far } from '@endo/far';
import { prepareIssuerKit } from '@agoric/ertp';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const makeStore = name => makeScalarBigMapStore(name, { durable: true });
  const kits = provide(baggage, 'kits', () => makeStore('kits'));
  for (const [name, { assetKind, store }] of kits.entries()) {
    prepareIssuerKit(store, name, assetKind);
  }

  return Far('treasury', {
    makeIssuer: (name, assetKind) => {
      const store = makeStore(name);
      kits.init(name, harden({ assetKind, store }));
      const { issuer, mint } = prepareIssuerKit(store, name, assetKind);
      return harden({ issuer, mint });
    },
  });
};
