/**
 * SwingSet's own kernel with the interface of a `Life`, to run one script on both and compare.
 */
import { kunser } from '@agoric/kmarshal';
import { initSwingStore } from '@agoric/swing-store';
import { initializeSwingset, makeSwingsetController } from '@agoric/swingset-vat';
import type { SwingsetController } from '../../lib/controller/types.js';
import type { KernelStorage } from '../../lib/store/types.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import type { TranscriptEntry } from '../../lib/workers/transcript.js';
import { originalKernelBundles } from './original-bundles.js';
import type { Life, LifeOptions } from './swingset.js';

/** The part of a `Life` that scripts for both kernels may use. */
export type EitherLife = Pick<
  Life,
  'controller' | 'kernelStorage' | 'slog' | 'bootstrapResult' | 'run' | 'call' | 'resultOf'
> &
  Pick<Life, 'transcript' | 'close'>;

export type OriginalOptions = Pick<
  LifeOptions,
  'config' | 'worker' | 'argv' | 'deviceEndowments' | 'initialization'
>;

/** Boots SwingSet in memory. Unlike a `Life`, the test must close it. */
export const startOriginal = async ({
  config,
  worker,
  argv = [],
  deviceEndowments = {},
  initialization,
}: OriginalOptions): Promise<EitherLife> => {
  const { hostStorage, kernelStorage } = initSwingStore() as {
    hostStorage: { commit(): Promise<void>; close(): Promise<void> };
    kernelStorage: KernelStorage;
  };
  const bootstrapResult = (await initializeSwingset(
    { ...config, ...(worker && { defaultManagerType: worker }) },
    argv,
    kernelStorage,
    {
      kernelBundles: await originalKernelBundles(),
      addComms: false,
      addVattp: false,
      addTimer: false,
      ...initialization,
    },
  )) as string | undefined;
  const slog: SlogEntry[] = [];
  const controller = (await makeSwingsetController(kernelStorage, deviceEndowments, {
    slogSender: (entry: SlogEntry) => void slog.push(entry),
  })) as SwingsetController;

  const life: EitherLife = {
    controller,
    kernelStorage,
    slog,
    bootstrapResult,
    run: async policy => {
      const cranks = await controller.run(policy);
      await hostStorage.commit();
      return cranks;
    },
    call: async (vatName, method, ...args) => {
      const kpid = controller.queueToVatRoot(vatName, method, args);
      await life.run();
      return life.resultOf(kpid);
    },
    resultOf: kpid => {
      if (kpid === undefined) throw Error('no promise');
      const status = controller.kpStatus(kpid);
      if (status === 'unresolved') throw Error(`${kpid} is unresolved`);
      const value: unknown = kunser(controller.kpResolution(kpid, { incref: false }) as never);
      if (status === 'rejected') throw value;
      return value;
    },
    transcript: vatID =>
      [...kernelStorage.transcriptStore.readSpan(vatID)].map(
        item => JSON.parse(item) as TranscriptEntry,
      ),
    close: async () => {
      await controller.shutdown();
      await hostStorage.close();
    },
  };
  return life;
};
