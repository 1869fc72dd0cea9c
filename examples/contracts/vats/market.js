/** Creates shops and gives each the till once, as Zoe gives its service to contracts. */
import { E, Far } from '@endo/far';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const shops = provide(baggage, 'shops', () => makeScalarBigMapStore('shops', { durable: true }));
  return Far('market', {
    bootstrap: async (vats, devices) => {
      baggage.init('till', vats.till);
      const admin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      baggage.init('vatAdmin', admin);
    },
    /** Opens a shop by creating a vat of that name. */
    open: async (name, price) => {
      const vatParameters = { till: baggage.get('till'), price };
      const { root } = await E(baggage.get('vatAdmin')).createVatByName('shop', {
        name,
        vatParameters,
      });
      shops.init(name, root);
    },
    sell: name => E(shops.get(name)).sell(),
  });
};
