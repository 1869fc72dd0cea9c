/**
 * A process whose disk fails: goes through workloads and faults, and tells its parent what it found.
 * Its first argument is a `DiskOrder` as JSON.
 */
import '@endo/init/debug.js';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeRandom } from '../../support/random.js';
import { openDisk, FAULTS } from './disk.js';
import type { DiskNews, DiskOrder } from './disk-runs.js';
import { sweep } from './sweep.js';
import { KERNEL_WORKLOADS, STORE_WORKLOADS } from './workloads.js';

const { home, workloads, faults, count, seed } = JSON.parse(process.argv[2] ?? '') as DiskOrder;
const tell = (news: DiskNews): void => void process.send?.(news);

const disk = openDisk(home);
const random = makeRandom(seed);
for (const workload of [...STORE_WORKLOADS, ...KERNEL_WORKLOADS]) {
  if (!workloads.includes(workload.name)) continue;
  const original = join(home, workload.name);
  mkdirSync(original);
  await workload.prepare(original);
  const another = join(home, `${workload.name}, undisturbed`);
  cpSync(original, another, { recursive: true });
  const undisturbed = await workload.run(another);
  for (const fault of FAULTS) {
    if (faults !== undefined && !faults.includes(fault.name)) continue;
    tell({ beginning: `${workload.name}, ${fault.name}` });
    const start = performance.now();
    const result = await sweep({ disk, workload, fault, original, undisturbed, count, random });
    const seconds = (performance.now() - start) / 1000;
    tell({ workload: workload.name, fault: fault.name, seconds, ...result });
  }
}
disk.close();
process.disconnect();
