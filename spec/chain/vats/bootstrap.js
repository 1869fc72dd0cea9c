/** Publishes the tally, and grants everything to proposals. */
import { E, Far } from '@endo/far';

export const buildRootObject = () =>
  Far('bootstrap', {
    bootstrap: async ({ chain, ...vats }, devices) => {
      const vatAdmin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      await E(chain).grantPowers(harden({ vats, vatAdmin }));
      const relays = Object.keys(vats)
        .filter(name => name.startsWith('relay'))
        .sort()
        .map(name => vats[name]);
      await E(vats.tally).connect(harden(relays));
      await E(chain).publish('tally', await E(vats.tally).getTally());
    },
  });
