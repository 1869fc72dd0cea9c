/** What belongs to the block that is being executed. */
import type { BlockEffects } from './block-effects.js';
import type { BlockBudget } from './budget.js';
import type { RunningKernel } from './session.js';

export interface PowerChange {
  /** Before this block. */
  readonly before: bigint;
  readonly power: bigint;
}

export interface BlockWork extends BlockEffects, RunningKernel {
  /** The kernel's number of cranks before the block, and before the restart of an upgrade. */
  readonly cranksBefore: number;
  readonly budget: BlockBudget;
  /** Changes of voting power by public key, in hexadecimal digits. */
  readonly validatorPowers: Map<string, PowerChange>;
}
