/** A swingset of either kernel, as rows drive it. */
import { readFile } from 'node:fs/promises';
import { bundlePath } from './harness/bundle-path.js';
import { startStopwatch, type Cost } from './harness/stopwatch.js';
import type { Context } from './harness/types.js';
import { loadKernel } from './kernels.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- the peer has no types, and its API is ours */

export interface SwingsetConfig {
  /** Static vats: the name of each one's bundle, or how to make it. The first one bootstraps. */
  readonly vats: Readonly<Record<string, string | StaticVat>>;
  /** Bundles for dynamic vats. */
  readonly bundles?: readonly string[];
  /** Of all vats that don't say otherwise. */
  readonly worker: 'xsnap' | 'local';
  readonly snapshotInitial?: number;
  readonly snapshotInterval?: number;
}

export interface StaticVat {
  readonly bundle: string;
  readonly worker: 'xsnap' | 'local';
}

export interface Swingset {
  /** From the opening of the store until the host had its controller. */
  readonly boot: Cost;
  readonly controller: any;
  readonly kernelStorage: any;
  /** Runs what is queued. The result is the number of cranks. */
  readonly run: () => Promise<number>;
  readonly commit: () => Promise<void>;
  /** Queues a message to a static vat's root. A rejection stops the kernel. */
  readonly send: (vat: string, method: string, ...args: readonly unknown[]) => void;
  /** Queues, runs, commits. */
  readonly call: (vat: string, method: string, ...args: readonly unknown[]) => Promise<number>;
  /** Ends without a commit. */
  readonly close: () => Promise<void>;
}

const configOf = ({ vats, bundles = [], worker, ...rest }: SwingsetConfig, context: Context) => ({
  bootstrap: Object.keys(vats)[0],
  pinBootstrapRoot: true,
  defaultManagerType: worker,
  defaultReapInterval: context.settings.reapInterval,
  vats: Object.fromEntries(
    Object.entries(vats).map(([name, vat]) => {
      const { bundle, worker: own } = typeof vat === 'string' ? { bundle: vat, worker } : vat;
      const bundleSpec = bundlePath(context.bundles, bundle);
      return [name, { bundleSpec, creationOptions: { managerType: own } }];
    }),
  ),
  bundles: Object.fromEntries(
    bundles.map(name => [name, { bundleSpec: bundlePath(context.bundles, name) }]),
  ),
  ...rest,
});

const readJSON = async (path: string): Promise<any> => JSON.parse(await readFile(path, 'utf8'));

export interface BootOptions {
  /** Replaces the store's kernel facet, to watch what is written. */
  readonly wrapStorage?: (kernelStorage: any) => any;
  readonly deviceEndowments?: object;
  /** Options of the controller. */
  readonly [option: string]: unknown;
}

const quiet = Object.fromEntries(
  ['log', 'info', 'warn', 'error', 'debug'].map(level => [level, () => undefined]),
);

/** Boots the kernel that is in the context's store. */
export const bootSwingset = async (
  context: Context,
  { wrapStorage = storage => storage, deviceEndowments = {}, ...options }: BootOptions = {},
): Promise<Swingset> => {
  const { kernel, bundles, storeDir } = context;
  const { makeSwingsetController, openStore } = await loadKernel(kernel);
  const ofKernel =
    kernel === 'here'
      ? { console: quiet }
      : { kernelBundle: await readJSON(bundlePath(bundles, 'kernel-peer')) };
  const read = startStopwatch();
  const { hostStorage, kernelStorage } = openStore(storeDir);
  const controller = await makeSwingsetController(wrapStorage(kernelStorage), deviceEndowments, {
    ...ofKernel,
    ...options,
  });
  const boot = read();
  const send: Swingset['send'] = (vat, method, ...args) =>
    void controller.queueToVatRoot(vat, method, args, 'panic');
  const run = (): Promise<number> => controller.run();
  const commit = (): Promise<void> => hostStorage.commit();
  return {
    ...{ boot, controller, kernelStorage, run, commit, send },
    call: async (vat, method, ...args) => {
      send(vat, method, ...args);
      const cranks = await run();
      await commit();
      return cranks;
    },
    close: async () => {
      context.noteActivityhash(kernelStorage.getActivityhash());
      await controller.shutdown();
      await hostStorage.close();
    },
  };
};

/** Writes a new kernel into the context's store. */
export const initializeStore = async (context: Context, config: SwingsetConfig): Promise<void> => {
  const { kernel, bundles, storeDir, settings } = context;
  const { initializeSwingset, openStore } = await loadKernel(kernel);
  const { hostStorage, kernelStorage } = openStore(storeDir);
  await initializeSwingset(
    configOf(config, context),
    [],
    kernelStorage,
    {
      kernelBundles: await readJSON(bundlePath(bundles, `built-in-${kernel}`)),
      ...{ addComms: false, addVattp: false, addTimer: false },
      ...(kernel === 'here' && { platform: settings.platform, platformEpoch: 1 }),
    },
    {},
  );
  await hostStorage.commit();
  await hostStorage.close();
};

/** A new swingset, after its bootstrap. */
export const startSwingset = async (
  context: Context,
  config: SwingsetConfig,
  options: BootOptions = {},
): Promise<Swingset> => {
  await initializeStore(context, config);
  const swingset = await bootSwingset(context, options);
  await swingset.run();
  await swingset.commit();
  return swingset;
};
