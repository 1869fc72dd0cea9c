/** Many messages to one vat, queued at once. */
import type { Row } from '../harness/types.js';
import type { Swingset } from '../swingset.js';
import { crankRow } from './workload.js';

const SENDS = 1000;

const sendAll = async ({ send, run, commit }: Swingset, count: number): Promise<number> => {
  for (let sent = 0; sent < count; sent += 1) send('ponger', 'ping', sent);
  const cranks = await run();
  await commit();
  return cranks;
};

export const sends: Row = crankRow({
  name: 'sends',
  title: '1,000 sends queued at once to one xsnap vat',
  workload: {
    config: {
      worker: 'xsnap',
      vats: { pinger: { bundle: 'pinger', worker: 'local' }, ponger: 'ponger' },
    },
    warmUp: (swingset, { size }) => sendAll(swingset, size(SENDS / 5)),
    play: (swingset, { size }) => sendAll(swingset, size(SENDS)),
  },
  cpuGoal: { aboveLimit: 0.2 },
  limit: 'bare channel',
});
