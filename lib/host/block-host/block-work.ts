/** What belongs to the block that is being executed. */
import type { SwingsetController } from '../../controller/types.js';
import type { BlockBudget } from './budget.js';
import type { BlockRows } from './block-rows.js';
import type { HostDevices } from './devices.js';
import type { DeviceOutput } from './outputs.js';
import type { BlockEvent } from './types.js';

/** The part of a block that devices write to. */
export interface BlockEffects {
  readonly height: number;
  readonly rows: BlockRows;
  readonly events: BlockEvent[];
  readonly outputs: DeviceOutput[];
}

export interface BlockWork extends BlockEffects {
  readonly controller: SwingsetController;
  readonly devices: HostDevices;
  readonly budget: BlockBudget;
  /** New voting power by public key, in hexadecimal digits. */
  readonly validatorPowers: Map<string, bigint>;
}
