// @ts-check
/**
 * Creates the vats of a test through vat-admin, because only dynamic vats sleep in a lazy or rolling
 * restart. The test's host drives it and holds what it answers, so it keeps nothing.
 */
import { E, Far } from '@endo/far';

export const buildRootObject = () => {
  /** @type {any} */
  let vatMaker;

  return Far('testDriver', {
    /**
     * @param {Record<string, any>} vats
     * @param {Record<string, unknown>} devices
     */
    bootstrap: async ({ vatAdmin, timer }, { vatAdmin: adminDevice, ...devices }) => {
      vatMaker = await E(vatAdmin).createVatAdminService(adminDevice);
      const timerService = timer && (await E(timer).createTimerService(devices.timer));
      return harden({ devices, timerService });
    },

    /**
     * @param {string} name - of its bundle, too
     * @param {unknown} vatParameters
     */
    createVat: async (name, vatParameters) => {
      const { root, adminNode } = await E(vatMaker).createVatByName(name, { name, vatParameters });
      return harden({ root, adminNode });
    },
  });
};
