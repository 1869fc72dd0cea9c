/** Upgrades an online vat to the bundle that it has, again and again. */
import { costOf, perUnit } from '../harness/stopwatch.js';
import type { Context, Row, Sample } from '../harness/types.js';
import { startSwingset } from '../swingset.js';
import { adminConfig, BUNDLE, createVat, nameOf } from './dynamic-vats.js';

const UPGRADES = 6;

const upgradeSome = async (context: Context) => {
  const swingset = await startSwingset(context, adminConfig);
  await createVat(swingset, 0);
  const upgrade = () => swingset.call('admin', 'upgrade', nameOf(0), BUNDLE);
  await upgrade();
  const count = context.size(UPGRADES);
  const cost = await costOf(async () => {
    for (let done = 0; done < count; done += 1) await upgrade();
  });
  return { swingset, ...perUnit(cost, count) };
};

const measure = async (context: Context): Promise<Sample> => {
  const { swingset, ms, cpuMs } = await upgradeSome(context);
  await swingset.close();
  return { wall: ms, cpu: cpuMs };
};

export const upgrade: Row = {
  name: 'upgrade',
  lines: {
    wall: {
      title: 'null-upgrade of an online xsnap vat',
      unit: 'ms',
      goal: { peerDividedBy: 5 },
    },
    cpu: { title: '  CPU of the kernel process', unit: 'ms' },
  },
  measure,
  limit: {
    title: 'bare worker',
    measure: async context => {
      const { swingset } = await upgradeSome(context);
      const { measureBareStarts } = await import('../limits/bare-starts.js');
      return measureBareStarts(swingset);
    },
  },
};
