/** Cost per vat of a restart with a new epoch, in swingsets of growing size. */
import type { Context, Sample } from '../harness/types.js';
import { makeVats } from '../rows/dynamic-vats.js';
import { timeRestart } from '../rows/restart.js';
import { bootSwingset } from '../swingset.js';
import type { Curve } from './types.js';

const ROWS = 10;

/** Ends without a commit, so that the next run finds the same store. */
const timeLazyBoot = async (context: Context): Promise<number> => {
  const swingset = await bootSwingset(context, {
    platformEpoch: 2,
    platformRestart: { mode: 'lazy', exempt: ['admin', 'vatAdmin'] },
  });
  await swingset.close();
  return swingset.boot.ms / context.at;
};

const measure = async (context: Context): Promise<Sample> => {
  const { swingset, ms, cpuMs } = await timeRestart(context, { concurrency: 1, count: context.at });
  await swingset.close();
  return { wall: ms, cpu: cpuMs, lazy: await timeLazyBoot(context) };
};

export const restartCurve: Curve = {
  job: {
    name: 'growth-restart',
    fixture: {
      name: 'grown-restart',
      // Snapshots, which a restart drops, would take gigabytes.
      make: context =>
        makeVats(context, { count: context.at, rows: ROWS, config: { snapshotInitial: 1000 } }),
    },
    inPlace: true,
    measure,
  },
  title: 'Cost of a restart per xsnap vat, by number of vats',
  axis: 'vats',
  points: [10, 100, 1000],
  quickPoints: [2, 4],
  lines: {
    wall: 'eager restart, per vat',
    cpu: 'eager restart, CPU of the kernel process per vat',
    lazy: 'whole boot of a lazy restart, per vat',
  },
  flat: ['wall', 'cpu'],
};
