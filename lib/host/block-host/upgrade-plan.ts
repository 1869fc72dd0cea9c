/**
 * Upgrade plans: which may be scheduled, and what a plan asks of a restart.
 *
 * Boundary: reads state and writes nothing.
 */
import { BadOptionError } from '../../errors.js';
import { choosePlatformOfBoot } from '../../platform-epoch/decide-boot.js';
import { pickPlatform } from '../../platform-epoch/platform-options.js';
import type { PlatformRestartOptions } from '../../platform-epoch/restart-options.js';
import { KernelState } from '../../state/kernel-state.js';
import type { KernelStorage } from '../../store/types.js';
import type { UpgradePlan } from '../transactions/action-types.js';
import { problemOfRules, rulesAtHeight, type DroppedRule } from './plan-rules.js';
import type { RowReader } from './rows.js';
import { plan as planRow } from './tables/plan.js';

/** What a plan is checked against. */
export interface PlanContext {
  readonly rows: RowReader;
  /** Names of the epochs that the chain has had. */
  readonly epochs: readonly unknown[];
  /** The block that executes the action. */
  readonly height: number;
}

/** The block before an upgrade is its own: it works off the run-queue, and changes no plan. */
export const isTooNear = (plan: UpgradePlan, height: number): boolean => plan.height <= height + 1;

/**
 * Why a plan of the right form can't be scheduled, naming field and value; undefined if it can.
 */
export const planProblem = (
  plan: UpgradePlan,
  { rows, epochs, height }: PlanContext,
): string | undefined => {
  if (epochs.includes(plan.name)) {
    return `plan.name: the chain has had the platform epoch ${JSON.stringify(plan.name)}`;
  }
  if (plan.height <= height + 1) {
    return `plan.height: expected a height above ${height + 1}, got ${plan.height}`;
  }
  const present = planRow.read(rows);
  if (present && isTooNear(present, height)) {
    return `plan.name: the upgrade ${JSON.stringify(present.name)} at height ${present.height} is too near to be changed`;
  }
  if (present && present.name !== plan.name) {
    return (
      `plan.name: the upgrade ${JSON.stringify(present.name)} is planned at height ` +
      `${present.height}; cancel it first`
    );
  }
  return undefined;
};

/** What vats can be exempted by. */
const namesOf = ({ vats }: KernelState): ReadonlySet<string | undefined> => {
  const live = vats.allIDs();
  return new Set([...live, ...live.map(vatID => vats.getOptions(vatID).name)]);
};

/**
 * The options of the restart that the plan asks for. Local ones are not in it. A vat that has gone
 * since the plan was scheduled needs no exemption, and would stop every node.
 *
 * @param onDropped - hears of each rule that no longer fits
 */
export const restartOptionsAt = (
  { restart = {} }: UpgradePlan,
  kernelStorage: KernelStorage,
  onDropped: (dropped: DroppedRule) => void,
): PlatformRestartOptions => {
  const { exempt, vatParameters: rules, ...others } = restart;
  const state = new KernelState(kernelStorage);
  const names = namesOf(state);
  return {
    ...others,
    ...(exempt && { exempt: exempt.filter(each => names.has(each)) }),
    ...(rules && { vatParameters: rulesAtHeight(rules, state, onDropped) }),
  };
};

/** Why the chain can't change to the platform of a plan; undefined if it can. */
const platformProblem = (
  { name, ...plan }: UpgradePlan,
  state: KernelState,
  { bundleStore }: KernelStorage,
): string | undefined => {
  try {
    choosePlatformOfBoot(state, bundleStore, { platformEpoch: name, ...pickPlatform(plan) });
    return undefined;
  } catch (error) {
    if (error instanceof BadOptionError) return `plan.${error.message}`;
    throw error;
  }
};

/**
 * Why the restart of a plan does not fit the live vats; undefined if it does. Vats may come and go
 * until its height.
 */
export const restartProblem = (
  plan: UpgradePlan,
  kernelStorage: KernelStorage,
): string | undefined => {
  const { exempt = [], vatParameters: rules = [] } = plan.restart ?? {};
  const state = new KernelState(kernelStorage);
  const names = namesOf(state);
  const unknown = exempt.find(each => !names.has(each));
  if (unknown !== undefined) {
    return `plan.restart.exempt: ${JSON.stringify(unknown)} is not the name or vatID of a live vat`;
  }
  const problem = problemOfRules(rules, state);
  if (problem !== undefined) return `plan.restart.vatParameters: ${problem}`;
  return platformProblem(plan, state, kernelStorage);
};

/** @throws BadOptionError for anything but a list of heights */
export const insistSkipHeights = (heights: readonly number[]): ReadonlySet<number> => {
  if (!Array.isArray(heights)) {
    throw new BadOptionError('skipUpgradeHeights', heights, 'a list of heights');
  }
  for (const height of heights) {
    if (Number.isSafeInteger(height) && height > 0) continue;
    throw new BadOptionError('skipUpgradeHeights', height, 'heights: positive integers');
  }
  return new Set(heights);
};
