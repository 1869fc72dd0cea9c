// Bootstraps a SwingSet for specs: creates a metered vat, and talks to it and to a static one.
import { E } from '@endo/eventual-send';
import { Far } from '@endo/far';

export const buildRootObject = () => {
  let admin;
  let dynamic;
  return Far('bootstrap', {
    bootstrap: async (vats, devices) => {
      admin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      const meter = await E(admin).createMeter(10_000_000_000n, 1n);
      ({ root: dynamic } = await E(admin).createVatByName('counter', {
        meter,
        vatParameters: { start: 10 },
      }));
      await E(vats.counter).increment();
      await E(vats.localCounter).increment();
      return E(dynamic).increment();
    },
    incrementDynamic: () => E(dynamic).increment(),
  });
};
