/** Sends to vats in turns while only one may be online, so that each delivery wakes one. */
import { costOf, perUnit } from '../harness/stopwatch.js';
import type { Context, Row, Sample } from '../harness/types.js';
import { startSwingset, type Swingset } from '../swingset.js';

const VATS = 4;
const TURNS = 3;

const vatNames = Array.from({ length: VATS }, (_, index) => `target${index}`);

/** After its first deliveries a vat has a snapshot, from which it wakes. */
const SNAPSHOT_INITIAL = 2;

const takeTurns = async ({ call }: Swingset, turns: number): Promise<number> => {
  for (let turn = 0; turn < turns; turn += 1) {
    for (const name of vatNames) await call(name, 'ping', turn);
  }
  return turns * VATS;
};

const wakeSome = async (context: Context) => {
  const swingset = await startSwingset(
    context,
    {
      worker: 'xsnap',
      snapshotInitial: SNAPSHOT_INITIAL,
      vats: {
        pinger: { bundle: 'pinger', worker: 'local' },
        ...Object.fromEntries(vatNames.map(name => [name, 'ponger'])),
      },
    },
    { warehousePolicy: { maxVatsOnline: 1 } },
  );
  await takeTurns(swingset, SNAPSHOT_INITIAL);
  let woken = 0;
  const cost = await costOf(async () => {
    woken = await takeTurns(swingset, context.size(TURNS));
  });
  return { swingset, ...perUnit(cost, woken) };
};

export const wake: Row = {
  name: 'wake',
  lines: {
    wall: {
      title: 'wake an evicted vat and deliver',
      unit: 'ms',
      goal: { peerDividedBy: 3 },
    },
    cpu: { title: '  CPU of the kernel process', unit: 'ms' },
  },
  measure: async (context): Promise<Sample> => {
    const { swingset, ms, cpuMs } = await wakeSome(context);
    await swingset.close();
    return { wall: ms, cpu: cpuMs };
  },
  limit: {
    title: 'bare worker',
    measure: async context => {
      const { swingset } = await wakeSome(context);
      const { measureBareWakes } = await import('../limits/bare-wakes.js');
      return measureBareWakes(swingset, vatNames);
    },
  },
};
