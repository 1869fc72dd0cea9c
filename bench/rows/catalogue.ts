/** The rows of the table, in its order. */
import type { Row } from '../harness/types.js';
import { cleanup } from './cleanup.js';
import { clients } from './clients.js';
import { createVatRow } from './create-vat.js';
import { pingPongLocal, pingPongUnsaved, pingPongXsnap } from './ping-pong.js';
import { reboot, rebootUsable } from './reboot.js';
import { restarts } from './restart.js';
import { sends } from './sends.js';
import { upgrade } from './upgrade.js';
import { vatstoreLocal, vatstoreXsnap } from './vatstore.js';
import { wake } from './wake.js';

export const rows: readonly Row[] = [
  pingPongXsnap,
  pingPongUnsaved,
  sends,
  pingPongLocal,
  createVatRow,
  upgrade,
  wake,
  reboot,
  rebootUsable,
  ...restarts,
  cleanup,
  vatstoreXsnap,
  vatstoreLocal,
  clients,
];
