/** Makes starters: each has the one before it for a friend. */
import { E, Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const get = name => baggage.get(name);

  return Far('root', {
    async bootstrap(vats, devices) {
      baggage.init('the service', await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin));
      baggage.init('a device', devices.counter);
      baggage.init('the newest', vats.vatAdmin);
      baggage.init('a meter', await E(get('the service')).createMeter(1_000_000_000n, 0n));
    },
    async create(name, { does, metered, ...options } = {}) {
      const { root } = await E(get('the service')).createVatByName('starter', {
        name,
        vatParameters: { name, does },
        ...(metered && { meter: get('a meter') }),
        ...options,
      });
      await E(root).prepare(get('a device'), get('the newest'));
      baggage.init(name, root);
      baggage.set('the newest', root);
    },
    read: name => E(get(name)).read(),
  });
};
