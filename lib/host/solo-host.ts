/**
 * A host for one swingset in one directory: opens the store, boots, runs work, commits, closes.
 *
 * Boundary: the only code that commits. What the host shows to the outside leaves in `onCommitted`,
 * which runs after a commit and never before (design.md, section 7).
 *
 * Invariants
 * 1. After a call of `run` or `commit` everything is committed. A process that dies restarts from the last
 *    commit.
 * 2. After an error in the kernel, a commit or `onCommitted`, nothing more is committed. The host
 *    ends the workers and closes the store, so that nothing keeps the process alive. A call that is
 *    refused because another is under way (`KERNEL_BUSY`) is no such error.
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
import { KernelBusyError } from '../kernel/delivery/errors.js';
import { pickPlatform } from '../platform-epoch/platform-options.js';
import type { RunPolicy } from '../types/policies.js';
import { insistFunctions } from '../option-functions.js';
import { insistKnownFields } from '../unknown-fields.js';
import { KernelState } from '../state/kernel-state.js';
import { isSwingStore } from '../store/directory.js';
import { openSwingStore } from '../store/swing-store.js';
import type { SwingStore } from '../store/swing-store.js';
import type { SwingStoreOptions } from '../store/options.js';
import type { KVStore } from '../store/types.js';
import { SoloTimer, type Clock } from './solo-timer.js';

/** Key of the kpid for the result of `bootstrap`. */
const BOOTSTRAP_RESULT_KEY = 'host.bootstrapResult';

/** The directory has no swingset yet, and no configuration was given to make one. */
export class NoConfigError extends SwingsetError {
  readonly code = 'NO_CONFIG';
  constructor(readonly home: string) {
    super(`there is no swingset in ${home} yet: pass a configuration to make one`);
  }
}

export interface BeforeCommitPorts {
  readonly controller: SwingsetController;
  /** Rows of the host's own; their keys begin with `host.`. */
  readonly kvStore: KVStore;
}

export interface SoloHostOptions {
  /** Directory of the swingstore. Created if absent. */
  readonly home: string;
  /** Called only if `home` has no swingset yet. */
  readonly getConfig?: () => Promise<SwingSetConfig>;
  /** `vatParameters.argv` of the bootstrap vat of a new swingset. */
  readonly argv?: readonly string[];
  readonly deviceEndowments?: DeviceEndowments | null;
  /**
   * Time for the device that is called `timer`, for example in whole seconds. With it the host
   * endows that device, unless `deviceEndowments` does, and polls it before each run.
   */
  readonly clock?: Clock;
  readonly initializationOptions?: InitializationOptions | null;
  readonly runtimeOptions?: SwingsetRuntimeOptions | null;
  readonly storeOptions?: SwingStoreOptions;
  /**
   * Called before each commit, between cranks. What it writes to `kvStore` under `host.` is part of
   * the commit, which waits for a promise that it returns. If it throws or rejects, nothing is
   * committed.
   */
  readonly beforeCommit?: (ports: BeforeCommitPorts) => void | Promise<void>;
  /** Called after each commit. Let the outputs of devices out here. */
  readonly onCommitted?: () => void | Promise<void>;
}

const OPTIONS = [
  ...['home', 'getConfig', 'argv', 'deviceEndowments', 'initializationOptions'],
  ...['runtimeOptions', 'storeOptions', 'beforeCommit', 'onCommitted', 'clock'],
];

export interface SoloHost {
  readonly controller: SwingsetController;
  /** True if this call made the swingset. */
  readonly isNew: boolean;
  /** The kpid for the result of `bootstrap`, also when an earlier process ran it. */
  readonly bootstrapResult: string | undefined;
  /** Tells the timer device the time, while nothing runs. Returns true when that queued work. */
  pollTimer(): boolean;
  /** Tells the timer the time, runs queued work and commits. Resolves to the number of cranks. */
  run(policy?: RunPolicy): Promise<number>;
  /** Commits what calls of the controller have changed, and runs nothing. */
  commit(): Promise<void>;
  /** Stops the workers and closes the store. */
  close(): Promise<void>;
}

const initializeIfNew = async (
  { hostStorage, kernelStorage }: SwingStore,
  getConfig: () => Promise<SwingSetConfig>,
  { argv = [], initializationOptions, runtimeOptions }: SoloHostOptions,
): Promise<boolean> => {
  if (swingsetIsInitialized(kernelStorage)) return false;
  const { platformEpoch, env, debugPrefix, console, strict } = runtimeOptions ?? {};
  const kpid = await initializeSwingset(
    await getConfig(),
    argv,
    kernelStorage,
    initializationOptions,
    {
      ...(platformEpoch !== undefined && { platformEpoch }),
      ...pickPlatform(runtimeOptions ?? {}),
      ...(env && { env }),
      ...(debugPrefix !== undefined && { debugPrefix }),
      ...(console && { console }),
      ...(strict !== undefined && { strict }),
    },
  );
  if (kpid !== undefined) hostStorage.kvStore.set(BOOTSTRAP_RESULT_KEY, kpid);
  await hostStorage.commit();
  return true;
};

/**
 * Opens the swingset in a directory, or makes one. When it resolves, the restart for a new platform
 * epoch is done and committed, and no queued work has run.
 *
 * @throws NoConfigError when there is no swingset and no `getConfig`
 */
export const openSoloHost = async (options: SoloHostOptions): Promise<SoloHost> => {
  insistKnownFields(options, OPTIONS);
  insistFunctions(options, ['getConfig', 'clock', 'beforeCommit', 'onCommitted']);
  const { home, clock, beforeCommit, onCommitted } = options;
  const timer = new SoloTimer(clock);
  const runtimeOptions = options.runtimeOptions ?? {};
  const getConfig = async () => {
    if (!options.getConfig) throw new NoConfigError(home);
    return options.getConfig();
  };
  // Read the configuration first, so that a mistake in it leaves no empty store behind.
  const early = isSwingStore(home) ? undefined : await getConfig();
  const store = openSwingStore(home, options.storeOptions);
  const { hostStorage, kernelStorage } = store;

  const commit = async (controller: SwingsetController) => {
    await beforeCommit?.({ controller, kvStore: hostStorage.kvStore });
    await hostStorage.commit();
    await onCommitted?.();
  };

  let controller: SwingsetController | undefined;
  const boot = async () => {
    const isNew = await initializeIfNew(store, async () => early ?? getConfig(), options);
    upgradeSwingset(kernelStorage);
    const endowments = timer.complete(
      options.deviceEndowments ?? {},
      new KernelState(kernelStorage),
    );
    controller = await makeSwingsetController(kernelStorage, endowments, {
      ...runtimeOptions,
      // This host alone decides when to commit, so it commits a long restart vat by vat.
      ...(runtimeOptions.platformEpoch !== undefined && {
        platformRestart: {
          checkpoint: () => hostStorage.commit(),
          ...runtimeOptions.platformRestart,
        },
      }),
    });
    controller.injectQueuedUpgradeEvents();
    await commit(controller);
    return { controller, isNew };
  };

  const closeAll = async () => {
    try {
      await controller?.shutdown();
    } finally {
      await hostStorage.close();
    }
  };
  let closing: Promise<void> | undefined;
  const close = async () => (closing ??= closeAll());
  /** Closes everything. @throws the abort reason of `signal` if it was aborted, else the error */
  const giveUp = async (error: unknown): Promise<never> => {
    // A call that came too early. It did nothing, and the earlier one goes on.
    if (error instanceof KernelBusyError) throw error;
    // If closing fails too, the first error says more.
    await close().catch(() => undefined);
    runtimeOptions.signal?.throwIfAborted();
    throw error;
  };

  let isRunning = false;
  const runQueues = async (controller: SwingsetController, policy?: RunPolicy): Promise<number> => {
    if (isRunning) throw new KernelBusyError('host.run');
    isRunning = true;
    try {
      timer.poll();
      return await controller.run(policy);
    } finally {
      isRunning = false;
    }
  };

  try {
    const { controller, isNew } = await boot();
    return {
      controller,
      isNew,
      bootstrapResult: hostStorage.kvStore.get(BOOTSTRAP_RESULT_KEY),
      pollTimer: () => timer.poll(),
      run: async policy => {
        try {
          const cranks = await runQueues(controller, policy);
          await commit(controller);
          return cranks;
        } catch (error) {
          return await giveUp(error);
        }
      },
      commit: async () => {
        try {
          if (isRunning) throw new KernelBusyError('host.commit');
          await commit(controller);
        } catch (error) {
          await giveUp(error);
        }
      },
      close,
    };
  } catch (error) {
    return giveUp(error);
  }
};
