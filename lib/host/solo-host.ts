/**
 * A host for one swingset in one directory: opens the store, boots, runs work, commits, closes.
 *
 * Boundary: the only code that commits. Whatever the host shows to the outside world leaves
 * through `onCommitted`, which is called after a commit and never before (design.md 7).
 *
 * Invariants
 * 1. Between calls of `run` everything is committed; a process that dies comes back to the last
 *    commit.
 * 2. After an error of the kernel, of a commit or of `onCommitted` nothing more is committed: the
 *    workers are ended and the store is closed instead, so that nothing keeps the process alive.
 */
import { initializeSwingset, swingsetIsInitialized } from '../controller/initialize.js';
import { makeSwingsetController } from '../controller/make-controller.js';
import { upgradeSwingset } from '../controller/schema-version.js';
import type { SwingSetConfig } from '../controller/config-types.js';
import type {
  DeviceEndowments,
  InitializationOptions,
  SwingsetRuntimeOptions,
} from '../controller/option-types.js';
import type { SwingsetController } from '../controller/types.js';
import { SwingsetError } from '../errors.js';
import type { RunPolicy } from '../types/policies.js';
import { insistKnownFields } from '../known-fields.js';
import { isSwingStore } from '../store/directory.js';
import { openSwingStore } from '../store/swing-store.js';
import type { SwingStore } from '../store/swing-store.js';
import type { SwingStoreOptions } from '../store/options.js';

/** Where the host remembers the promise for the result of `bootstrap`. */
const BOOTSTRAP_RESULT_KEY = 'host.bootstrapResult';

/** There is no swingset in the directory yet, and no configuration to make one of. */
export class NoConfigError extends SwingsetError {
  readonly code = 'NO_CONFIG';
  constructor(readonly home: string) {
    super(`there is no swingset in ${home} yet: give a configuration to make one of`);
  }
}

export interface SoloHostOptions {
  /** Directory of the swingstore; made when absent. */
  readonly home: string;
  /** Asked for only when there is no swingset in `home` yet. */
  readonly getConfig?: () => Promise<SwingSetConfig>;
  /** For the bootstrap vat of a new swingset. */
  readonly argv?: readonly string[];
  readonly deviceEndowments?: DeviceEndowments;
  readonly initializationOptions?: InitializationOptions;
  readonly runtimeOptions?: SwingsetRuntimeOptions;
  readonly storeOptions?: SwingStoreOptions;
  /** Called after each commit: the moment to let the outputs of devices out. */
  readonly onCommitted?: () => void | Promise<void>;
}

const OPTIONS = [
  ...['home', 'getConfig', 'argv', 'deviceEndowments', 'initializationOptions'],
  ...['runtimeOptions', 'storeOptions', 'onCommitted'],
];

export interface SoloHost {
  readonly controller: SwingsetController;
  /** The swingset was made by this call. */
  readonly isNew: boolean;
  /** The promise for the result of `bootstrap`, of whichever life. */
  readonly bootstrapResult: string | undefined;
  /** Runs what is queued and commits; returns the number of cranks. */
  run(policy?: RunPolicy): Promise<number>;
  /** Stops the workers and closes the store. */
  close(): Promise<void>;
}

const initializeIfNew = async (
  { hostStorage, kernelStorage }: SwingStore,
  getConfig: () => Promise<SwingSetConfig>,
  { argv = [], initializationOptions, runtimeOptions = {} }: SoloHostOptions,
): Promise<boolean> => {
  if (swingsetIsInitialized(kernelStorage)) return false;
  const { platformEpoch, env, debugPrefix } = runtimeOptions;
  const kpid = await initializeSwingset(
    await getConfig(),
    argv,
    kernelStorage,
    initializationOptions,
    {
      ...(platformEpoch !== undefined && { platformEpoch }),
      ...(env && { env }),
      ...(debugPrefix !== undefined && { debugPrefix }),
    },
  );
  if (kpid !== undefined) hostStorage.kvStore.set(BOOTSTRAP_RESULT_KEY, kpid);
  await hostStorage.commit();
  return true;
};

/**
 * Opens the swingset in a directory, or makes it. When this returns, a restart of vats that a new
 * platform epoch asked for is done and committed; nothing that is queued has run yet.
 */
export const openSoloHost = async (options: SoloHostOptions): Promise<SoloHost> => {
  insistKnownFields(options, OPTIONS);
  const { home, deviceEndowments = {}, runtimeOptions = {}, onCommitted } = options;
  const getConfig = async () => {
    if (!options.getConfig) throw new NoConfigError(home);
    return options.getConfig();
  };
  // A mistake in the configuration should not leave an empty store behind.
  const early = isSwingStore(home) ? undefined : await getConfig();
  const store = openSwingStore(home, options.storeOptions);
  const { hostStorage, kernelStorage } = store;

  const commit = async () => {
    await hostStorage.commit();
    await onCommitted?.();
  };

  let controller: SwingsetController | undefined;
  const boot = async () => {
    const isNew = await initializeIfNew(store, async () => early ?? getConfig(), options);
    upgradeSwingset(kernelStorage);
    controller = await makeSwingsetController(kernelStorage, deviceEndowments, {
      ...runtimeOptions,
      // Nobody else decides here when to commit, so a long restart is kept vat by vat.
      ...(runtimeOptions.platformEpoch !== undefined && {
        platformRestart: {
          checkpoint: () => hostStorage.commit(),
          ...runtimeOptions.platformRestart,
        },
      }),
    });
    controller.injectQueuedUpgradeEvents();
    await commit();
    return { controller, isNew };
  };

  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    try {
      await controller?.shutdown();
    } finally {
      await hostStorage.close();
    }
  };
  /** @throws the reason of a stop that was asked for, else the error */
  const giveUp = async (error: unknown): Promise<never> => {
    // That the store can't be closed either says less than what came first.
    await close().catch(() => undefined);
    runtimeOptions.signal?.throwIfAborted();
    throw error;
  };

  try {
    const { controller, isNew } = await boot();
    return {
      controller,
      isNew,
      bootstrapResult: hostStorage.kvStore.get(BOOTSTRAP_RESULT_KEY),
      run: async policy => {
        try {
          const cranks = await controller.run(policy);
          await commit();
          return cranks;
        } catch (error) {
          return await giveUp(error);
        }
      },
      close,
    };
  } catch (error) {
    return giveUp(error);
  }
};
