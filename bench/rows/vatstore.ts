/** Cranks whose vat reads 200 rows and writes 200. */
import type { Row } from '../harness/types.js';
import type { Swingset } from '../swingset.js';
import { crankRow, type Workload } from './workload.js';

const ROWS = 200;
const CRANKS = 100;

const touch = async ({ send, run, commit }: Swingset, times: number): Promise<number> => {
  for (let time = 0; time < times; time += 1) send('hoard', 'touch', ROWS, `value ${time}`);
  const cranks = await run();
  await commit();
  return cranks;
};

/** Liveslots gets a row before it sets it. */
const workload = (worker: 'xsnap' | 'local'): Workload => ({
  config: { worker, vats: { hoard: 'hoard' } },
  warmUp: async swingset => {
    await swingset.call('hoard', 'fill', ROWS);
    await touch(swingset, 5);
  },
  play: (swingset, { size }) => touch(swingset, size(CRANKS)),
});

export const vatstoreXsnap: Row = crankRow({
  name: 'vatstore',
  title: '200 gets and 200 sets of an xsnap vat',
  workload: workload('xsnap'),
  limit: 'bare channel',
});

export const vatstoreLocal: Row = crankRow({
  name: 'vatstore-local',
  title: '200 gets and 200 sets of a local vat',
  workload: workload('local'),
  limit: 'bare SQLite',
});
