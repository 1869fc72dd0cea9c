/** Creates vats, one after the other, each with a commit. */
import { costOf, perUnit } from '../harness/stopwatch.js';
import type { Context, Row, Sample } from '../harness/types.js';
import { startSwingset } from '../swingset.js';
import { adminConfig, createVat } from './dynamic-vats.js';

const VATS = 6;

const createSome = async (context: Context) => {
  const swingset = await startSwingset(context, adminConfig);
  // The first one makes the platform image, if the store has none, and warms up.
  await createVat(swingset, 0);
  const count = context.size(VATS);
  const cost = await costOf(async () => {
    for (let index = 1; index <= count; index += 1) await createVat(swingset, index);
  });
  return { swingset, ...perUnit(cost, count) };
};

const measure = async (context: Context): Promise<Sample> => {
  const { swingset, ms, cpuMs } = await createSome(context);
  await swingset.close();
  return { wall: ms, cpu: cpuMs };
};

export const createVatRow: Row = {
  name: 'create',
  lines: {
    wall: { title: 'create a small xsnap vat', unit: 'ms', goal: { peerDividedBy: 7 } },
    cpu: { title: '  CPU of the kernel process', unit: 'ms' },
  },
  measure,
  limit: {
    title: 'bare worker',
    measure: async context => {
      const { swingset } = await createSome(context);
      const { measureBareStarts } = await import('../limits/bare-starts.js');
      return measureBareStarts(swingset);
    },
  },
};
