import { E, Far } from '@endo/far';

/** Makes a dynamic vat. */
export const buildRootObject = () =>
  Far('root', {
    bootstrap: async (vats, devices) => {
      const admin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      await E(admin).createVatByName('guest', { name: 'guest' });
      return 'ready';
    },
  });
