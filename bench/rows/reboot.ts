/**
 * Boots a store with twenty dynamic vats: until every vat is loaded, and until the host has its
 * controller. After the first, each vat gets a message; memory and store size are those of that run.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { timePeerBundling } from '../harness/peer-bundling.js';
import { peakMB } from '../harness/stopwatch.js';
import type { Context, Row, Sample } from '../harness/types.js';
import { bootSwingset, type Swingset } from '../swingset.js';
import { fixtureOf, nameOf, vatCount } from './dynamic-vats.js';

const fixture = fixtureOf(20);

/** The main file: a clean end empties the journal into it. */
const storeMB = ({ storeDir }: Context): number =>
  statSync(join(storeDir, 'swingstore.sqlite')).size / 2 ** 20;

const askAll = async ({ call }: Swingset, count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    await call('admin', 'call', nameOf(index), 'total');
  }
};

export const reboot: Row = {
  name: 'reboot',
  fixture,
  lines: {
    wall: {
      title: 'reboot, 20 dynamic xsnap vats, until all are loaded',
      unit: 'ms',
      goal: { peerDividedBy: 10 },
    },
    cpu: { title: '  CPU of the kernel process', unit: 'ms' },
    hosted: {
      title: '  when the peer bundles its kernel first, which hosts leave to it',
      unit: 'ms',
    },
    memory: {
      title: '  peak memory of the kernel process (RSS)',
      unit: 'MB',
      goal: { peerDividedBy: 1.7 },
    },
    size: { title: '  store size', unit: 'MB', goal: { timesPeer: 0.6 } },
  },
  measure: async (context): Promise<Sample> => {
    const size = storeMB(context);
    const swingset = await bootSwingset(context);
    await askAll(swingset, vatCount(context));
    await swingset.close();
    const memory = peakMB();
    const hosted = swingset.boot.ms + (context.kernel === 'peer' ? await timePeerBundling() : 0);
    return { wall: swingset.boot.ms, cpu: swingset.boot.cpuMs, hosted, memory, size };
  },
  limit: {
    title: 'bare workers',
    measure: async context => {
      const { measureBareReboot } = await import('../limits/bare-reboot.js');
      return measureBareReboot(context);
    },
  },
};

export const rebootUsable: Row = {
  name: 'reboot-usable',
  fixture,
  lines: {
    wall: {
      title: 'reboot, 20 dynamic xsnap vats, until the controller is usable',
      unit: 'ms',
      goal: { atMost: 300 },
    },
    cpu: { title: '  CPU of the kernel process', unit: 'ms' },
  },
  measure: async (context): Promise<Sample> => {
    const swingset = await bootSwingset(context, { warehousePolicy: { preload: 'background' } });
    await swingset.close();
    return { wall: swingset.boot.ms, cpu: swingset.boot.cpuMs };
  },
};
