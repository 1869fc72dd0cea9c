/** What belongs to the block that is being executed. */
import type { SwingsetController } from '../../controller/types.js';
import type { BlockEffects } from './block-effects.js';
import type { BlockBudget } from './budget.js';
import type { HostDevices } from './devices.js';

export interface BlockWork extends BlockEffects {
  readonly controller: SwingsetController;
  readonly devices: HostDevices;
  readonly budget: BlockBudget;
  /** New voting power by public key, in hexadecimal digits. */
  readonly validatorPowers: Map<string, bigint>;
}
