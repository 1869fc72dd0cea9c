import { E, Far } from '@endo/far';

/** Sets wakeups, and tells which have come. */
export const buildRootObject = () => {
  let service;
  const woken = [];
  const handler = Far('handler', { wake: ({ absValue }) => void woken.push(absValue) });
  return Far('root', {
    bootstrap: async (vats, devices) => {
      service = await E(vats.timer).createTimerService(devices.timer);
    },
    setWakeup: async time => {
      const { absValue } = await E(service).setWakeup(BigInt(time), handler);
      return absValue;
    },
    woken: () => harden([...woken]),
  });
};
