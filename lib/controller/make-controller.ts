/**
 * Boots a kernel on an initialized swingstore: reads the options, assembles platform, warehouse and
 * kernel, lets `lib/platform-epoch` decide and restart, and returns the controller.
 *
 * Boundary: the one place where a kernel gets its powers. Ambient powers (processes, clocks, the
 * console) are defaults of options; nothing else in `lib/controller` holds any.
 */
import { availableParallelism } from 'node:os';
import { assertDefaultEnvironment } from '../endo-environment/load.js';
import { startDevice } from '../devices/device-runtime.js';
import { makeKernel } from '../kernel/kernel.js';
import { choosePlatformOfBoot } from '../platform-epoch/decide-boot.js';
import { startKernel } from '../platform-epoch/start-kernel.js';
import { loadPlatform } from '../platform/load-platform.js';
import { makeNodeWorkerPowers } from '../platform/node-powers.js';
import { makeWorkerProcesses } from '../platform/worker-processes.js';
import type { KernelSettingsOverride } from '../state/kernel-settings.js';
import { KernelState } from '../state/kernel-state.js';
import { assertCurrentSchema } from '../state/schema-version.js';
import type { KernelStorage } from '../store/types.js';
import { makeVatWarehouse } from '../workers/warehouse.js';
import { makeController } from './controller.js';
import { readControllerArgs } from './controller-args.js';
import type { ControllerArgs } from './controller-args.js';
import { findPlatformImage, makeVatImageIndex } from './image-of-platform.js';
import type { ControllerBag, DeviceEndowments } from './option-types.js';
import type { LocalWarehousePolicy, SwingsetRuntimeOptions } from './option-types.js';
import { makeSafeConsole } from './outlets.js';
import { makeCallbackListener } from './slog-callbacks.js';
import { makeSlogWriter } from './slog-writer.js';
import type { SwingsetController } from './types.js';
import { makeVerboseConsole } from './verbose.js';

/** Beyond this, vats that load wait for the kernel's thread, which reads and feeds them their heaps. */
const MOST_PRELOADS = 8;

const defaultPolicy = (): LocalWarehousePolicy => ({
  preloadConcurrency: Math.min(availableParallelism(), MOST_PRELOADS),
});

const clock = { now: () => Date.now(), monotonic: () => performance.now() };

const assemble = async (
  { kernelStorage, deviceEndowments, options }: ControllerArgs,
  stateOptions: KernelSettingsOverride,
) => {
  assertDefaultEnvironment();
  const { spawn, warehousePolicy = {} } = options;
  const log = makeSafeConsole(options.console ?? globalThis.console);
  const { faultPoint, onWorkerDeath } = options;
  const callbacks = options.slogCallbacks && makeCallbackListener(options.slogCallbacks, log);
  const verbose = makeVerboseConsole(options, callbacks?.listener, log);
  const slog = makeSlogWriter(verbose, clock);
  const nodePowers = makeNodeWorkerPowers(warehousePolicy.workerSilenceSeconds);
  for (const shortage of Object.values(nodePowers.readShortages())) {
    log.warn(
      `${shortage}. Vats that run elsewhere may fail on this machine. A worker that ends because of it is replaced, or stops the kernel`,
    );
  }
  const processes = makeWorkerProcesses(spawn ?? nodePowers.spawn, kernelStorage.processes);
  const powers = { ...nodePowers, spawn: processes.spawn };
  const state = new KernelState(kernelStorage);
  const choice = choosePlatformOfBoot(state, kernelStorage.bundleStore, options);
  const platform = await loadPlatform(choice);
  const usesXsnap = state.settings.defaultManagerType === 'xsnap';
  const index = makeVatImageIndex(state);

  let writeTestLog: (line: string) => void = () => undefined;
  const unstarted = makeKernel({
    kernelStorage,
    platform,
    findImage: () => findPlatformImage(usesXsnap, platform, kernelStorage, powers, index),
    makeWarehouse: ({ records, slog: writeSlog, testLog, ...warehouseOptions }) => {
      writeTestLog = testLog;
      const warehouse = makeVatWarehouse({
        kernelStorage,
        platform,
        records,
        slog: writeSlog,
        console: log,
        ...(callbacks?.printLine && { printLine: callbacks.printLine }),
        testLog,
        policy: { ...defaultPolicy(), ...warehousePolicy },
        options: warehouseOptions,
        powers,
        imageIndex: index,
      });
      return {
        ...warehouse,
        shutdown: async () => {
          // The warehouse starts nothing more. It waits for workers that are starting, and one may
          // loop in its first code.
          await Promise.all([warehouse.shutdown(), processes.stop()]);
        },
      };
    },
    slog: slog.outlet,
    startDevice: (bundle, deviceOptions) => startDevice(bundle, deviceOptions, { console: log }),
    deviceEndowments,
    now: clock.monotonic,
    console: log,
    ...(onWorkerDeath && { onWorkerDeath }),
    ...(faultPoint && { faultPoint }),
    stateOptions,
  });
  return { unstarted, slog, verbose, log, writeTestLog };
};

/** Ends the workers when it is called, and when the signal aborts. */
const makeStop = (
  shutdown: () => Promise<void>,
  signal: AbortSignal | undefined,
): (() => Promise<void>) => {
  const stop = async () => {
    signal?.removeEventListener('abort', onAbort);
    await shutdown();
  };
  const onAbort = () => {
    // The caller that waits for a result hears what went wrong.
    stop().catch(() => undefined);
  };
  signal?.addEventListener('abort', onAbort);
  return stop;
};

const boot = async (
  args: ControllerArgs,
  stateOptions: KernelSettingsOverride,
): Promise<SwingsetController> => {
  const { platformEpoch, platformEpochKindChange, platformRestart, platformGuard } = args.options;
  const { signal } = args.options;
  signal?.throwIfAborted();
  const { unstarted, slog, verbose, log, writeTestLog } = await assemble(args, stateOptions);
  // Nobody has listened to the signal yet, and nothing has been started that would have to end.
  signal?.throwIfAborted();
  const stop = makeStop(() => unstarted.shutdown(), signal);
  const kernel = await startKernel(unstarted, {
    ...(platformEpoch !== undefined && { platformEpoch }),
    ...(platformEpochKindChange !== undefined && { platformEpochKindChange }),
    ...(platformRestart && { platformRestart }),
    ...(platformGuard && { platformGuard }),
    warn: message => log.warn(message),
  }).catch(async (error: unknown) => {
    await stop();
    // Any other failure after the abort is its consequence.
    signal?.throwIfAborted();
    throw error;
  });
  if (signal?.aborted) await stop();
  signal?.throwIfAborted();
  return makeController({
    kernel: { ...kernel, shutdown: stop },
    slog,
    log: writeTestLog,
    setVerbose: verbose.set,
  });
};

/** Makes a controller from arguments that were read, for this package's own hosts. */
export const bootController = async (
  args: ControllerArgs,
  stateOptions: KernelSettingsOverride = {},
): Promise<SwingsetController> => {
  const { kernelStorage } = args;
  assertCurrentSchema(kernelStorage.kvStore);
  kernelStorage.deferExports();
  try {
    return await boot(args, stateOptions);
  } finally {
    kernelStorage.resumeExports();
  }
};

interface MakeSwingsetController {
  (
    kernelStorage: KernelStorage,
    deviceEndowments?: DeviceEndowments | null,
    runtimeOptions?: SwingsetRuntimeOptions | null,
  ): Promise<SwingsetController>;
  (bag: ControllerBag): Promise<SwingsetController>;
}

/**
 * Starts the kernel of an initialized swingstore: restarts all vats if `platformEpoch` advances,
 * then brings the first ones online. Queued work waits for `controller.run()`.
 *
 * The store's `exportCallback` is not called before this returns. The changes of a restart follow
 * with the first crank or commit.
 *
 * @throws BadOptionError, BadOptionsError for arguments of neither shape, and for bad options
 * @throws NotInitializedError, SchemaVersionError for a store without a kernel, or of another version
 * @throws PlatformEpochRegressionError, PlatformEpochKindError, PlatformRestartNotAllowedError,
 *   PlatformRestartUnfinishedError, PlatformMismatchError before any write
 * @throws CriticalRestartError, RestartFailedError after every vat was tried; the store then
 *   refuses to commit
 */
export const makeSwingsetController: MakeSwingsetController = async (...given: unknown[]) =>
  bootController(readControllerArgs(given));
