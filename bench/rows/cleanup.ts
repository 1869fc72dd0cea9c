/** Terminates a vat with many rows and cleans up until nothing is left of it. */
import { costOf } from '../harness/stopwatch.js';
import type { Context, Fixture, Row, Sample } from '../harness/types.js';
import { bootSwingset, startSwingset, type SwingsetConfig } from '../swingset.js';

const ROWS = 100_000;
const ROWS_AT_ONCE = 1000;
const NAME = 'hoard';

/** Local workers, because their engine makes no difference to what is cleaned up. */
const config: SwingsetConfig = { worker: 'local', vats: { admin: 'admin' }, bundles: [NAME] };

const fixture: Fixture = {
  name: 'hoard',
  make: async context => {
    const swingset = await startSwingset(context, config);
    await swingset.call('admin', 'create', NAME, NAME);
    for (let left = context.size(ROWS); left > 0; left -= ROWS_AT_ONCE) {
      await swingset.call('admin', 'call', NAME, 'fill', Math.min(left, ROWS_AT_ONCE));
    }
    await swingset.close();
  },
};

/** The tables of the store, counted to see that the vat is gone. */
const rowsLeft = (kernelStorage: { kvStore: { getNextKey(key: string): string | undefined } }) => {
  let count = 0;
  let key = kernelStorage.kvStore.getNextKey('');
  while (key !== undefined) {
    count += 1;
    key = kernelStorage.kvStore.getNextKey(key);
  }
  return count;
};

const measure = async (context: Context): Promise<Sample> => {
  // The peer preloads half of them: `admin` and vat-admin, whose start is not what is measured.
  const swingset = await bootSwingset(context, { warehousePolicy: { maxVatsOnline: 4 } });
  const cost = await costOf(() => swingset.call('admin', 'terminate', NAME));
  const left = rowsLeft(swingset.kernelStorage);
  if (left > 2000) throw Error(`${left} rows of the store are left`);
  await swingset.close();
  return { wall: cost.ms, cpu: cost.cpuMs };
};

export const cleanup: Row = {
  name: 'cleanup',
  fixture,
  lines: {
    wall: {
      title: 'terminate and clean up a vat with 100,000 rows',
      unit: 'ms',
      goal: { peerDividedBy: 5 },
    },
    cpu: { title: '  CPU of the kernel process', unit: 'ms' },
  },
  measure,
  limit: {
    title: 'bare SQLite',
    measure: async context => {
      const { measureBareCleanup } = await import('../limits/bare-cleanup.js');
      return measureBareCleanup(context, swingset => swingset.call('admin', 'terminate', NAME));
    },
  },
};
