/** Makes the controller of a session. */
import { makeSwingsetController } from '../../controller/make-controller.js';
import type { SwingsetRuntimeOptions } from '../../controller/option-types.js';
import { pickPlatform } from '../../platform-epoch/platform-options.js';
import type { KernelStorage } from '../../store/types.js';
import type { UpgradePlan } from '../transactions/action-types.js';
import type { BlockEffects } from './block-effects.js';
import { makeHostDevices } from './devices.js';
import type { BlockHostOptions } from './local-options.js';
import type { RunningKernel, Session } from './session.js';
import { makeBlockTimer } from './timer-deadline.js';
import { noteDroppedRule } from './upgrade.js';
import { restartOptionsAt } from './upgrade-plan.js';

const runtimeOptions = (options: BlockHostOptions): SwingsetRuntimeOptions => {
  const { maxVatsOnline, spareWorkers, preload, preloadConcurrency } = options;
  const { workerSilenceSeconds } = options;
  const { console, slogSender, spawn, signal, faultPoint } = options;
  return {
    warehousePolicy: {
      ...(maxVatsOnline !== undefined && { maxVatsOnline }),
      ...(spareWorkers !== undefined && { spareWorkers }),
      ...(preload !== undefined && { preload }),
      ...(preloadConcurrency !== undefined && { preloadConcurrency }),
      ...(workerSilenceSeconds !== undefined && { workerSilenceSeconds }),
    },
    ...(console && { console }),
    ...(slogSender && { slogSender }),
    ...(spawn && { spawn }),
    ...(signal && { signal }),
    ...(faultPoint && { faultPoint }),
    strict: true,
  };
};

/** The upgrade that a boot performs, in the block that it belongs to. */
export interface UpgradeBoot {
  readonly plan: UpgradePlan;
  readonly effects: BlockEffects;
}

const restartOptionsOf = ({ plan, effects }: UpgradeBoot, kernelStorage: KernelStorage) =>
  restartOptionsAt(plan, kernelStorage, dropped => noteDroppedRule(effects, plan, dropped));

/**
 * Boots the kernel. Only an upgrade may restart vats.
 * @throws what `makeSwingsetController` throws
 */
export const startKernel = async (
  { kernelStorage }: Session,
  options: BlockHostOptions,
  upgrade?: UpgradeBoot,
): Promise<RunningKernel> => {
  const { platformEpoch, restartConcurrency: concurrency = 1, onRestartProgress } = options;
  const devices = makeHostDevices();
  if (upgrade) devices.beginBlock(upgrade.effects);
  const controller = await makeSwingsetController(kernelStorage, devices.endowments, {
    ...runtimeOptions(options),
    platformEpoch,
    ...(upgrade && pickPlatform(upgrade.plan)),
    platformRestart: {
      ...(upgrade && restartOptionsOf(upgrade, kernelStorage)),
      allow: upgrade !== undefined,
      concurrency,
      ...(onRestartProgress && { onRestartProgress }),
    },
  });
  return { controller, devices, timer: makeBlockTimer(kernelStorage, devices.timer) };
};
