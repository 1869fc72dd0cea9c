/** Makes vats that read a bundle, or count on a device, while they start. */
import { E, Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) =>
  Far('root', {
    async bootstrap(vats, devices) {
      const admin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      const bundlecap = await E(admin).getNamedBundleCap('reader');
      for (const [name, vatParameters] of [
        ['reader', { bundlecap }],
        ['counter', { counter: devices.counter }],
      ]) {
        const { root } = await E(admin).createVat(bundlecap, { name, vatParameters });
        baggage.init(name, root);
      }
    },
    ask: name => E(baggage.get(name)).read(),
  });
