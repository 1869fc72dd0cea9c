import { E, Far } from '@endo/far';

export const buildRootObject = () =>
  Far('root', {
    bootstrap: async (vats, devices) => {
      const service = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      await E(service).createVatByName('notes', { name: 'helper', vatParameters: {} });
      return 'ready';
    },
  });
