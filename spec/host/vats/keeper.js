/** Creates guests, each with a meter, and keeps their roots. */
import { E, Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) =>
  Far('keeper', {
    bootstrap: async (vats, devices) => {
      const admin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      baggage.init('vatAdmin', admin);
    },
    makeGuest: async name => {
      const admin = baggage.get('vatAdmin');
      const meter = await E(admin).createMeter(1_000_000n, 1_000n);
      const { root } = await E(admin).createVatByName('guest', { name, meter });
      baggage.init(name, root);
    },
    ask: name => E(baggage.get(name)).answer(),
  });
