import { E, Far } from '@endo/far';

export const buildRootObject = () =>
  Far('root', {
    bootstrap: async (vats, devices) => {
      const timer = await E(vats.timer).createTimerService(devices.timer);
      await E(timer).getCurrentTimestamp();
      return E(vats.greeter).greet('world');
    },
  });
