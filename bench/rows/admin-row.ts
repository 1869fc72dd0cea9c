/** Rows of one thing that `vats/admin.js` does again and again, beside as many starts of a bare worker. */
import { costOf, perUnit } from '../harness/stopwatch.js';
import type { Context, Row, Sample } from '../harness/types.js';
import { startSwingset, type Swingset } from '../swingset.js';
import { adminConfig, createVat } from './dynamic-vats.js';

interface AdminRow {
  readonly name: string;
  readonly title: string;
  /** The peer's time divided by this is the goal. */
  readonly peerDividedBy: number;
  readonly times: number;
  /** Before the clock starts; the first vat is there. */
  readonly prepare?: (swingset: Swingset) => Promise<unknown>;
  /** @param index - 1 the first time */
  readonly act: (swingset: Swingset, index: number) => Promise<unknown>;
}

export const adminRow = (row: AdminRow): Row => {
  const { name, title, peerDividedBy, times, prepare, act } = row;

  const actSome = async (context: Context) => {
    const swingset = await startSwingset(context, adminConfig);
    // The first vat makes the platform image, if the store has none, and warms up.
    await createVat(swingset, 0);
    await prepare?.(swingset);
    const count = context.size(times);
    const cost = await costOf(async () => {
      for (let index = 1; index <= count; index += 1) await act(swingset, index);
    });
    return { swingset, ...perUnit(cost, count) };
  };

  return {
    name,
    lines: {
      wall: { title, unit: 'ms', goal: { peerDividedBy } },
      cpu: { title: '  CPU of the kernel process', unit: 'ms' },
    },
    measure: async (context): Promise<Sample> => {
      const { swingset, ms, cpuMs } = await actSome(context);
      await swingset.close();
      return { wall: ms, cpu: cpuMs };
    },
    limit: {
      title: 'bare worker',
      measure: async context => {
        const { swingset } = await actSome(context);
        const { measureBareStarts } = await import('../limits/bare-starts.js');
        return measureBareStarts(swingset);
      },
    },
  };
};
