/* global VatData */
import { E, Far } from '@endo/far';
import { importBundle } from '@endo/import-bundle';

const { defineDurableKind, makeKindHandle } = VatData;

const provide = (baggage, key, make) => {
  if (!baggage.has(key)) baggage.init(key, make());
  return baggage.get(key);
};

/** Uses what vats of most hosts use, and reports what came of it. */
export const buildRootObject = ({ D }, _parameters, baggage) => {
  const handle = provide(baggage, 'counter handle', () => makeKindHandle('counter'));
  const makeCounter = defineDurableKind(handle, () => ({ count: 0 }), {
    increment: ({ state }) => {
      state.count += 1;
      return state.count;
    },
  });
  const counter = provide(baggage, 'counter', () => makeCounter());
  return Far('root', {
    async bootstrap({ vatAdmin, timer }, devices) {
      const admin = await E(vatAdmin).createVatAdminService(devices.vatAdmin);
      const cap = await E(admin).getNamedBundleCap('contract');
      const { root } = await E(admin).createVat(cap);
      const contract = await importBundle(D(cap).getBundle(), { endowments: { assert } });
      const clock = await E(timer).createTimerService(devices.timer);
      return harden({
        inVat: await E(root).bits(2.5),
        inCompartment: contract.buildRootObject().bits(2.5),
        time: (await E(clock).getCurrentTimestamp()).absValue,
        bridge: D(devices.bridge).callOutbound('half', 0.5),
        count: counter.increment(),
      });
    },
    count: () => counter.increment(),
  });
};
