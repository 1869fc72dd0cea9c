/** A host of a small economy of vats, a block at a time. Equal states give equal blocks. */
import { fileURLToPath } from 'node:url';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import { initializeSwingset } from '../../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import type { SwingsetController } from '../../../lib/controller/types.js';
import type { SwingStore } from '../../../lib/store/swing-store.js';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import { bundleCachePath } from '../../support/bundle-cache.js';

const source = (name: string) => ({
  sourceSpec: fileURLToPath(new URL(`../vats/${name}.js`, import.meta.url)),
});

/** Many snapshots, so that kills hit them. */
const config: SwingSetConfig = {
  bootstrap: 'boss',
  bundleCachePath,
  vats: { boss: source('boss'), bank: source('bank'), trader: source('trader') },
  bundles: { trader: source('trader') },
  snapshotInitial: 4,
  snapshotInterval: 40,
};

/** Makes the swingset in an empty store, and commits. */
export const initializeEconomy = async (
  { kernelStorage, hostStorage }: SwingStore,
  worker: ManagerType,
): Promise<void> => {
  const given = { ...config, defaultManagerType: worker };
  await initializeSwingset(given, [], kernelStorage, {
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

/** Executes a block without its commit. */
export const runBlock = async (
  { hostStorage }: SwingStore,
  controller: SwingsetController,
  height: number,
): Promise<void> => {
  controller.queueToVatRoot('boss', 'block', [height], 'panic');
  await controller.run();
  hostStorage.kvStore.set('host.height', `${height}`);
};
