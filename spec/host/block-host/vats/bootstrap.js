/** Publishes the vats' facets and grants the powers of a chain. */
import { E, Far } from '@endo/far';

export const buildRootObject = ({ D }, { argv = [] }) => {
  const root = Far('root', {
    async bootstrap({ chain, ...vats }, devices) {
      const vatAdmin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      const timer = await E(vats.timer).createTimerService(devices.timer);
      await E(vats.vattp).registerMailboxDevice(devices.mailbox);
      D(devices.mailbox).registerInboundHandler(vats.vattp);
      for (const peer of argv) {
        const { transmitter, setReceiver } = await E(vats.vattp).addRemote(peer);
        await E(setReceiver).setReceiver(await E(vats.app).makeReceiver(transmitter));
      }
      await E(vats.app).begin({ timer, bridge: devices.bridge, bouncer: root });
      await E(chain).publish('app', vats.app);
      if (vats.fragile) await E(chain).publish('fragile', vats.fragile);
      await E(chain).grantPowers({ vats: { ...vats, chain }, vatAdmin, timer });
    },
    bounce: (app, steps) => E(app).spin('', steps),
  });
  return root;
};
