import { Far } from '@endo/far';

/** Pays out over the host's `pay(amount)`, and uses all that a device can do in the kernel. */
export const buildRootDeviceNode = ({ SO, endowments, getDeviceState, setDeviceState }) =>
  Far('till', {
    pay: (amount, observer) => {
      const paid = (getDeviceState()?.paid ?? 0) + amount;
      setDeviceState({ paid, observer });
      if (observer) SO(observer).paid(amount);
      endowments.pay(amount);
      return Far('receipt', { total: () => paid });
    },
    paid: () => getDeviceState()?.paid,
  });
