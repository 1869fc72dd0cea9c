import { E, Far } from '@endo/far';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

/** Makes many vats, and calls one of them. */
export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const made = provide(baggage, 'made', () => makeScalarBigMapStore('made', { durable: true }));
  return Far('root', {
    async bootstrap(vats, devices) {
      baggage.init('service', await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin));
    },
    async make(count) {
      for (let index = 0; index < count; index += 1) {
        const { root } = await E(baggage.get('service')).createVatByName('sleeper');
        made.init(made.getSize(), root);
        await E(root).write(`entry ${index}`);
      }
    },
    wake: number => E(made.get(number)).count(),
  });
};
