import { E, Far } from '@endo/far';

export const buildRootObject = () =>
  Far('root', {
    /** Upgrades go through vat-admin. */
    bootstrap: async (vats, devices) => {
      await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
    },
  });
