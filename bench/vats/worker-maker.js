import { E, Far } from '@endo/far';

/** Makes the vats of `bench/restart.ts`, one by one. */
export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  return Far('root', {
    async bootstrap(vats, devices) {
      baggage.init('service', await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin));
    },
    async make(name, rows) {
      const { root } = await E(baggage.get('service')).createVatByName('contract', { name });
      await E(root).fill(rows);
      baggage.init(name, root);
    },
    ask: name => E(baggage.get(name)).total(),
  });
};
