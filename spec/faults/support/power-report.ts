/** The long run of power failures: `count` seeds from `seed` on. */
import type { CommitDurability } from '../../../lib/store/database.js';
import type { LongRun } from './long-run.js';
import { losePower } from './power-loss.js';
import { buildShim } from './shim.js';

const LOSSES_PER_SYNC = 5;

export const runPower: LongRun = async ({ seed: first, count = 3, only }) => {
  const shim = buildShim();
  if ('missing' in shim) throw Error(shim.missing);
  const problems: string[] = [];
  for (const worker of (['local', 'xsnap'] as const).filter(name => only?.includes(name) ?? true)) {
    for (let seed = first; seed < first + count; seed += 1) {
      for (const mode of ['eager', 'lazy', 'rolling'] as const) {
        for (const durability of ['full', 'group'] satisfies CommitDurability[]) {
          const start = performance.now();
          const shape = { worker, mode, durability, dynamicVats: 3, blocks: 3 };
          const found = await losePower(shim.path, { ...shape, count: LOSSES_PER_SYNC, seed });
          const seconds = ((performance.now() - start) / 1000).toFixed(0);
          console.log(
            `${worker}, ${mode}, durability ${durability}, seed ${seed}: ${found.writes} writes, ` +
              `${found.syncs} syncs, ${found.commits} commits, ${found.states} contents of the disk ` +
              `(${found.early} with a commit under way), ${found.problems.length} problems; ${seconds} s`,
          );
          problems.push(...found.problems.map(each => `${worker}, ${mode}, seed ${seed}: ${each}`));
        }
      }
    }
  }
  return problems;
};
