/** A store made and used by `@agoric/swingset-vat` and `@agoric/swing-store`. */
import { kunser } from '@agoric/kmarshal';
import { initSwingStore } from '@agoric/swing-store';
import { initializeSwingset, makeSwingsetController } from '@agoric/swingset-vat';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { RunPolicy } from '../../../lib/types/policies.js';
import type { KernelStorage } from '../../../lib/store/types.js';
import { originalKernelBundles } from '../../support/original-bundles.js';
import { withBundles } from '../../support/shared-bundles.js';
import { sourceOf } from '../../support/swingset.js';

const spec = (file: string) => ({ sourceSpec: sourceOf(import.meta.url, `../vats/${file}`) });

export const keepersConfig = {
  bootstrap: 'boot',
  defaultManagerType: 'xsnap',
  vats: {
    boot: spec('keepers-boot.js'),
    static: { ...spec('keeper.js'), parameters: { of: 'config' } },
  },
  bundles: { keeper: spec('keeper.js') },
  devices: { counter: spec('device-counter.js') },
} as const satisfies SwingSetConfig;

/** A device without endowments is left out. */
export const deviceEndowments = { counter: {} };

export interface Original {
  readonly kvStore: Pick<KernelStorage['kvStore'], 'get'>;
  /** Queues a message to the bootstrap vat, runs everything, and returns the result. */
  readonly ask: (method: string, ...args: unknown[]) => Promise<unknown>;
  /** Queues without running. Returns the kpid of the result. */
  readonly queue: (method: string, ...args: unknown[]) => string;
  readonly run: (policy?: RunPolicy) => Promise<number>;
  /** Commits and closes. */
  readonly close: () => Promise<void>;
}

/** Makes a swingset in a directory with SwingSet's own kernel and store; by default of keepers. */
export const makeOriginal = async (
  dirPath: string,
  given: { readonly config: SwingSetConfig } = { config: keepersConfig },
): Promise<Original> => {
  const { hostStorage, kernelStorage } = initSwingStore(dirPath);
  const kernelBundles = await originalKernelBundles();
  const config = await withBundles(given.config);
  await initializeSwingset(config, [], kernelStorage, { kernelBundles });
  const controller = await makeSwingsetController(kernelStorage, deviceEndowments);
  controller.pinVatRoot('boot');
  const queue = (method: string, args: readonly unknown[]): string =>
    controller.queueToVatRoot('boot', method, args) as string;
  await controller.run();
  return {
    kvStore: (kernelStorage as KernelStorage).kvStore,
    ask: async (method, ...args) => {
      const kpid = queue(method, args);
      await controller.run();
      const status: unknown = controller.kpStatus(kpid);
      const value: unknown = kunser(controller.kpResolution(kpid));
      if (status !== 'fulfilled') throw value;
      return value;
    },
    queue: (method, ...args) => queue(method, args),
    run: policy => controller.run(policy) as Promise<number>,
    close: async () => {
      await controller.shutdown();
      await hostStorage.commit();
      await hostStorage.close();
    },
  };
};
