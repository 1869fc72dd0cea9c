/**
 * Decides whether this software may execute the chain's next block.
 *
 * Boundary: pure. Reads only what is stored, what is planned and what the software is.
 */
import { PlatformEpochRegressionError } from '../../platform-epoch/errors.js';
import type { PlatformEpoch } from '../../types/platform-epoch.js';
import type { UpgradePlan } from '../transactions/action-types.js';
import { TooEarlyError, UpgradeNeededError, WrongSoftwareError } from './errors.js';

export interface ChainPosition {
  /** The epoch ledger, oldest first. */
  readonly epochs: readonly PlatformEpoch[];
  readonly plan: UpgradePlan | undefined;
  /** The last committed height. */
  readonly height: number;
}

export type SoftwareRole =
  /** The chain's own. */
  | { readonly kind: 'current' }
  /** The planned upgrade's, and the next block is the one that upgrades. */
  | { readonly kind: 'upgrade'; readonly plan: UpgradePlan };

/**
 * @param software - The platform epoch of this software.
 * @throws TooEarlyError, PlatformEpochRegressionError, WrongSoftwareError
 */
export const judgeSoftware = (
  software: PlatformEpoch,
  { epochs, plan, height }: ChainPosition,
): SoftwareRole => {
  const stored = epochs.at(-1);
  if (stored === undefined || stored === software) return { kind: 'current' };
  if (epochs.includes(software)) throw new PlatformEpochRegressionError(stored, software);
  if (plan?.name !== software) throw new WrongSoftwareError(software, stored, plan);
  if (height < plan.height - 1) throw new TooEarlyError(plan, height, stored);
  return { kind: 'upgrade', plan };
};

/**
 * What becomes of the plan at a block that software of the chain's present epoch executes.
 * @throws UpgradeNeededError unless the operator skips this height
 */
export const meetPlan = (
  software: PlatformEpoch,
  { plan }: Pick<ChainPosition, 'plan'>,
  height: number,
  skipped: ReadonlySet<number>,
): 'none' | 'skip' => {
  if (plan?.height !== height) return 'none';
  if (skipped.has(height)) return 'skip';
  throw new UpgradeNeededError(plan, software);
};
