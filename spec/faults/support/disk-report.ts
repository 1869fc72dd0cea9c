/** The long run of failing disks, a line for each workload and fault. */
import { runOnFailingDisk } from './disk-runs.js';
import type { LongRun } from './long-run.js';
import { buildShim } from './shim.js';
import { KERNEL_WORKLOADS, STORE_WORKLOADS } from './workloads.js';

export const runDisk: LongRun = async ({ seed, count, only }) => {
  const shim = buildShim();
  if ('missing' in shim) throw Error(shim.missing);
  const names = [...STORE_WORKLOADS, ...KERNEL_WORKLOADS].map(({ name }) => name);
  const workloads = only === undefined ? names : names.filter(name => only.includes(name));
  const runs = await runOnFailingDisk(shim.path, { workloads, seed, count }, run => {
    const errors = Object.entries(run.errors).map(([code, times]) => `${code} ${times}`);
    console.log(
      `${run.workload}, ${run.fault}: ${run.met} of ${run.calls} calls failed in turn; ` +
        `${errors.join(', ') || 'no error'}; ${run.problems.length} problems; ${run.seconds.toFixed(0)} s`,
    );
  });
  return runs.flatMap(({ problems }) => problems);
};
