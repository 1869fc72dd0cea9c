/** Hands the chain its powers, and publishes what everybody may call. */
import { E, Far } from '@endo/far';

export const buildRootObject = () =>
  Far('bootstrap', {
    bootstrap: async ({ chain, ...vats }, devices) => {
      const vatAdmin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      // Proposals get these. Without them, nobody could mend a vat or make one later.
      await E(chain).grantPowers(harden({ vats, vatAdmin }));
      await E(chain).publish('board', await E(vats.board).getBoard());
    },
  });
