/**
 * One store in memory and the kernels that run on it, one after the other.
 *
 * Invariants
 * 1. At most one kernel runs.
 * 2. After `close`, or after a boot that failed, no worker and no store is left.
 */
import { initializeSwingset } from '../controller/initialize.js';
import { makeSwingsetController } from '../controller/make-controller.js';
import type { SwingsetController } from '../controller/types.js';
import { buildTimer } from '../devices/timer/timer.js';
import { BadOptionError } from '../errors.js';
import type { PlatformRestartOptions } from '../platform-epoch/restart-options.js';
import type { PlatformRestartReport } from '../platform-epoch/types.js';
import { initSwingStore } from '../store/swing-store.js';
import type { KernelStorage } from '../store/types.js';
import { configOf, endowmentsOf, type TestSwingsetOptions } from './options.js';

export interface Lives {
  /** Undefined once closed. */
  readonly controller: SwingsetController | undefined;
  readonly kernelStorage: KernelStorage;
  readonly bootstrapResult: string;
  readonly console: readonly string[];
  commit(): Promise<void>;
  setTime(now: bigint | number): void;
  nextEpoch(platformRestart: PlatformRestartOptions): Promise<PlatformRestartReport>;
  close(): Promise<void>;
}

const makeRecorder = () => {
  const lines: string[] = [];
  const write = (...args: unknown[]) => void lines.push(args.map(String).join(' '));
  return { lines, console: { log: write, info: write, warn: write, error: write, debug: write } };
};

/** @param driver - path of the driver's source */
export const startLives = async (options: TestSwingsetOptions, driver: string): Promise<Lives> => {
  const timer = options.timer ? buildTimer() : undefined;
  const config = configOf(options, driver, timer);
  const deviceEndowments = endowmentsOf(options, timer);
  const recorder = makeRecorder();
  const output = options.console ?? recorder.console;
  const { hostStorage, kernelStorage } = initSwingStore(null);
  let controller: SwingsetController | undefined;
  let platformEpoch = 1;
  let isClosed = false;

  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    const running = controller;
    controller = undefined;
    await running?.shutdown();
    await hostStorage.close();
  };

  const boot = async (platformRestart: PlatformRestartOptions): Promise<SwingsetController> => {
    try {
      controller = await makeSwingsetController({
        kernelStorage,
        deviceEndowments,
        console: output,
        platformEpoch,
        platformRestart,
      });
      await hostStorage.commit();
      return controller;
    } catch (error) {
      await close();
      throw error;
    }
  };

  const initialize = async (): Promise<string> => {
    try {
      const withoutComms = { addComms: false, addVattp: false, addTimer: timer !== undefined };
      const initialization = { ...withoutComms, platformEpoch };
      const powers = { console: output };
      return (await initializeSwingset(
        config,
        [],
        kernelStorage,
        initialization,
        powers,
      )) as string;
    } catch (error) {
      await close();
      throw error;
    }
  };

  const bootstrapResult = await initialize();
  await boot({});
  return {
    get controller() {
      return controller;
    },
    kernelStorage,
    bootstrapResult,
    console: recorder.lines,
    commit: () => hostStorage.commit(),
    setTime: now => {
      if (!timer) throw new BadOptionError('timer', options.timer, 'true for setTime()');
      timer.poll(now);
    },
    nextEpoch: async platformRestart => {
      await controller?.shutdown();
      controller = undefined;
      platformEpoch += 1;
      const next = await boot(platformRestart);
      return next.getPlatformRestartReport()!;
    },
    close,
  };
};
