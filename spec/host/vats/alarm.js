import { E, Far } from '@endo/far';

/** Sets wakeups, and tells which have come. */
export const buildRootObject = () => {
  let service;
  const woken = [];
  const handler = Far('handler', { wake: time => void woken.push(time) });
  return Far('root', {
    bootstrap: async (vats, devices) => {
      service = await E(vats.timer).createTimerService(devices.timer);
    },
    setWakeup: time => E(service).setWakeup(BigInt(time), handler),
    woken: () => harden([...woken]),
    now: () => E(service).getCurrentTimestamp(),
  });
};
