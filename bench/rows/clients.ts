/** Clients that send to many vats in blocks: each sends one message per block, which a commit ends. */
import type { Row } from '../harness/types.js';
import type { Swingset } from '../swingset.js';
import { crankRow } from './workload.js';

const CLIENTS = 100;
const VATS = 20;
const BLOCKS = 10;

const vatNames = Array.from({ length: VATS }, (_, index) => `target${index}`);

const playBlocks = async ({ send, run, commit }: Swingset, blocks: number): Promise<number> => {
  let cranks = 0;
  for (let block = 0; block < blocks; block += 1) {
    for (let client = 0; client < CLIENTS; client += 1) {
      send(`target${client % VATS}`, 'ping', `block ${block}, client ${client}`);
    }
    cranks += await run();
    await commit();
  }
  return cranks;
};

export const clients: Row = crankRow({
  name: 'clients',
  title: '100 clients sending to 20 xsnap vats',
  workload: {
    config: {
      worker: 'xsnap',
      vats: {
        pinger: { bundle: 'pinger', worker: 'local' },
        ...Object.fromEntries(vatNames.map(name => [name, 'ponger'])),
      },
    },
    warmUp: swingset => playBlocks(swingset, 1),
    play: (swingset, { size }) => playBlocks(swingset, size(BLOCKS)),
  },
  cpuGoal: { aboveLimit: 0.2 },
  limit: 'bare channel',
});
