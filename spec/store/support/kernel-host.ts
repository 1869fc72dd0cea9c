/** A host of a small economy of vats, a block at a time: equal blocks on equal states. */
import { fileURLToPath } from 'node:url';
import bundleSource from '@endo/bundle-source';
import { buildKernelBundles } from '../../../lib/controller/builtin-vats.js';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import { initializeSwingset } from '../../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import type { KernelBundles } from '../../../lib/controller/option-types.js';
import type { SwingsetController } from '../../../lib/controller/types.js';
import type { SwingStore } from '../../../lib/store/swing-store.js';
import type { ManagerType } from '../../../lib/types/vat-options.js';

const bundleOf = async (name: string) => ({
  bundle: await bundleSource(fileURLToPath(new URL(`../vats/${name}.js`, import.meta.url))),
});

/** Many snapshots, so that kills meet them. */
const makeConfig = async (): Promise<SwingSetConfig> => {
  const [boss, bank, trader] = await Promise.all(['boss', 'bank', 'trader'].map(bundleOf));
  return {
    bootstrap: 'boss',
    vats: { boss: boss!, bank: bank!, trader: trader! },
    bundles: { trader: trader! },
    snapshotInitial: 4,
    snapshotInterval: 40,
  };
};

/** Bundles are made once for all specs of a process. */
let config: Promise<SwingSetConfig> | undefined;
let kernelBundles: Promise<KernelBundles> | undefined;

/** Makes the swingset in an empty store, and commits. */
export const initializeEconomy = async (
  { kernelStorage, hostStorage }: SwingStore,
  worker: ManagerType,
): Promise<void> => {
  config ??= makeConfig();
  kernelBundles ??= buildKernelBundles();
  const given = { ...(await config), defaultManagerType: worker };
  await initializeSwingset(given, [], kernelStorage, {
    kernelBundles: await kernelBundles,
    addComms: false,
    addVattp: false,
    addTimer: false,
  });
  hostStorage.kvStore.set('host.height', '0');
  await hostStorage.commit();
};

const quiet = () => undefined;

/** Few workers are online at a time, so that vats come and go. */
export const bootEconomy = (
  { kernelStorage }: SwingStore,
  worker: ManagerType,
): Promise<SwingsetController> =>
  makeSwingsetController(
    kernelStorage,
    {},
    {
      console: { log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet },
      // Without snapshots each return would replay a whole life.
      warehousePolicy: { maxVatsOnline: worker === 'xsnap' ? 4 : 50 },
    },
  );

export const heightOf = ({ hostStorage }: Pick<SwingStore, 'hostStorage'>): number =>
  Number(hostStorage.kvStore.get('host.height'));

/** Everything of a block but its commit. */
export const runBlock = async (
  { hostStorage }: SwingStore,
  controller: SwingsetController,
  height: number,
): Promise<void> => {
  controller.queueToVatRoot('boss', 'block', [height], 'panic');
  await controller.run();
  hostStorage.kvStore.set('host.height', `${height}`);
};
