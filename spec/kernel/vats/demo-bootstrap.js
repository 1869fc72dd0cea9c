import { E, Far } from '@endo/far';

/** A bootstrap vat as SwingSet's demos have it. */
export const buildRootObject = (_vatPowers, vatParameters) => {
  let vatMaker;
  return Far('bootstrap', {
    bootstrap: async (vats, devices) => {
      vatMaker = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      const { root } = await E(vatMaker).createVatByName('counter', {
        name: 'counter',
        vatParameters: { start: 5n },
      });
      return [vatParameters.argv, await E(root).increment(), await E(root).increment()];
    },
  });
};
