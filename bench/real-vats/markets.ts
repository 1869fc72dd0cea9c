/** Zoe, ERTP and contracts of the registry, with seats, invitations and options open. */
import { kunser } from '@agoric/kmarshal';
import { initializeSwingset, openSwingStore, type SwingsetController } from '../../lib/index.js';
import { bundleCachePath } from '../../spec/support/bundle-cache.js';
import { contractRules, makeClock, readConfig, type Clock } from '../../spec/real-vats/markets.js';
import { openMarkets } from '../../spec/real-vats/scenario.js';
import type { Context } from '../harness/types.js';
import { bootSwingset, type Swingset } from '../swingset.js';
import type { Subject } from './subject.js';

const initialize = async ({ storeDir, settings }: Context, clock: Clock): Promise<void> => {
  const { hostStorage, kernelStorage } = openSwingStore(storeDir);
  await initializeSwingset(
    {
      ...(await readConfig(clock)),
      bundleCachePath,
      defaultReapInterval: settings.reapInterval,
    },
    [],
    kernelStorage,
    {
      ...{ addComms: false, addVattp: false, addTimer: true },
      ...{ platform: settings.platform, platformEpoch: 1 },
    },
  );
  await hostStorage.commit();
  await hostStorage.close();
};

const callForValue =
  ({ controller, run, commit }: Swingset) =>
  async (vat: string, method: string, ...args: unknown[]): Promise<unknown> => {
    const { queueToVatRoot, kpStatus, kpResolution } = controller as SwingsetController;
    const kpid = queueToVatRoot(vat, method, args, 'ignore');
    await run();
    await commit();
    const status = kpid && kpStatus(kpid);
    if (status !== 'fulfilled') throw Error(`${vat}.${method} is ${status}`);
    const { body, slots } = kpResolution(kpid);
    return kunser({ body, slots: [...slots] });
  };

export const markets: Subject = {
  name: 'markets',
  title: 'Zoe, ERTP and contracts',
  fixture: {
    name: 'markets',
    make: async context => {
      const clock = makeClock();
      await initialize(context, clock);
      const swingset = await bootSwingset(context, {
        deviceEndowments: { timer: clock.endowments },
      });
      await swingset.run();
      await swingset.commit();
      await openMarkets({ call: callForValue(swingset) });
      await swingset.close();
    },
  },
  boot: async (context, { platformRestart, ...options }) => {
    const vatParameters = await contractRules(context.storeDir);
    return bootSwingset(context, {
      ...options,
      deviceEndowments: { timer: makeClock().endowments },
      platformRestart: { ...(platformRestart as object), vatParameters },
    });
  },
  firstCall: swingset => callForValue(swingset)('chain', 'call', 'fair', 'publicFacet', 'describe'),
};
