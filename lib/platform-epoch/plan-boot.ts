/**
 * What a boot will do about the epoch, or why it refuses. `start-kernel.ts` does it, and
 * `lib/host/plan-epoch.ts` shows it to operators.
 *
 * Boundary: reads tables and asks the host; writes nothing. Every refusal comes from here.
 */
import type { PlatformEpoch } from '../types/platform-epoch.js';
import { needsEmptyQueue } from './decide.js';
import { decideBoot } from './decide-boot.js';
import { PlatformRestartQueueNotEmptyError } from './errors.js';
import { guardPlatform, type PlatformGuard } from './guard.js';
import type { PlanParts } from './live-vats.js';
import { planRestart, type RestartPlan } from './plan-restart.js';
import type { PlatformRestartOptions } from './restart-options.js';
import type { PlatformEpochDecision } from './types.js';

export interface PlanBootOptions {
  readonly platformEpoch?: PlatformEpoch;
  readonly platformEpochKindChange?: boolean;
  readonly platformRestart?: PlatformRestartOptions;
  /** What to do if the engine differs and the epoch has not advanced. Default: `refuse`. */
  readonly platformGuard?: PlatformGuard;
  readonly warn?: (message: string) => void;
}

export interface BootPlan {
  readonly decision: PlatformEpochDecision;
  /** Undefined if the boot restarts no vats. */
  readonly plan: RestartPlan | undefined;
}

/** @throws PlatformRestartQueueNotEmptyError */
const insistEmptyQueue = ({ decision, options, queued }: RestartPlan): void => {
  if (queued.queuedEvents === 0 || !needsEmptyQueue(decision, options)) return;
  const stored = decision.kind === 'advance' ? decision.from : decision.epoch;
  throw new PlatformRestartQueueNotEmptyError(stored, decision.epoch, queued);
};

/** @throws the errors of `decidePlatformEpoch`, PlatformMismatchError, and those of `planRestart` */
export const planBoot = (parts: PlanParts, options: PlanBootOptions): BootPlan => {
  const { platformRestart = {}, platformGuard = 'refuse', warn = () => undefined } = options;
  const decision = decideBoot(parts.lifecycle.state, options);
  guardPlatform(parts, decision, platformGuard, warn);
  const restarts = decision.kind === 'advance' || decision.kind === 'resume';
  const plan = restarts ? planRestart(parts, decision, platformRestart) : undefined;
  if (plan) insistEmptyQueue(plan);
  return { decision, plan };
};
