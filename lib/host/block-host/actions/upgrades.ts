/** Actions that schedule upgrades. */
import type { KernelStorage } from '../../../store/types.js';
import type {
  CancelUpgradeAction,
  ScheduleUpgradeAction,
} from '../../transactions/action-types.js';
import type { BlockWork } from '../block-work.js';
import { plan as planRow } from '../tables/plan.js';
import { isTooNear, planProblem, restartProblem } from '../upgrade-plan.js';
import { fulfilled, rejected, type ActionOutcome } from './outcome.js';

/** Schedules a plan, or changes the one of the same name. */
export const scheduleUpgrade = (
  { rows, height, controller }: BlockWork,
  { plan }: ScheduleUpgradeAction,
  kernelStorage: KernelStorage,
): ActionOutcome => {
  const epochs = controller.getEpochLedger().map(({ epoch }) => epoch);
  // Checked again: the action may have waited for blocks.
  const problem =
    planProblem(plan, { rows, epochs, height }) ?? restartProblem(plan, kernelStorage);
  if (problem !== undefined) return rejected(problem);
  planRow.write(rows, plan);
  return fulfilled();
};

export const cancelUpgrade = (
  { rows, height }: BlockWork,
  { name }: CancelUpgradeAction,
): ActionOutcome => {
  const planned = planRow.read(rows);
  if (planned?.name !== name) return rejected(`no upgrade ${JSON.stringify(name)} is planned`);
  if (isTooNear(planned, height)) {
    return rejected(`the upgrade at height ${planned.height} is too near to be cancelled`);
  }
  planRow.delete(rows);
  return fulfilled();
};
