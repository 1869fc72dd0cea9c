/** The part of a block that devices write to. */
import type { BlockRows } from './block-rows.js';
import type { OutputRoom } from './output-room.js';
import type { DeviceOutput } from './outputs.js';
import type { BlockEvent } from './types.js';

export interface BlockEffects {
  readonly height: number;
  readonly rows: BlockRows;
  readonly events: BlockEvent[];
  readonly outputs: DeviceOutput[];
  readonly room: OutputRoom;
}
