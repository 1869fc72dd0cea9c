/** The long run of crashes at every point of a restart. */
import type { PlatformRestartMode } from '../../../lib/types/platform-epoch.js';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import type { Failing } from '../../platform-epoch/support/crash.js';
import { explore } from './explore.js';
import type { LongRun } from './long-run.js';

const MODES: readonly PlatformRestartMode[] = ['eager', 'lazy', 'rolling'];
const FAILING: readonly Failing[] = ['none', 'one', 'all'];
const WORKERS: readonly ManagerType[] = ['local', 'xsnap'];

/** alice, bob and one more. */
const DYNAMIC_VATS = 1;

/** Names of parts are those of workers. */
export const runPoints: LongRun = async ({ only }) => {
  const problems: string[] = [];
  for (const worker of WORKERS.filter(name => only?.includes(name) ?? true)) {
    for (const mode of MODES) {
      for (const failing of FAILING) {
        for (const withCheckpoint of [true, false]) {
          const start = performance.now();
          const shape = { worker, mode, failing, withCheckpoint, dynamicVats: DYNAMIC_VATS };
          const found = await explore({ ...shape, blocks: 3 });
          const points = Object.values(found.points).reduce((sum, count) => sum + count, 0);
          const seconds = ((performance.now() - start) / 1000).toFixed(0);
          console.log(
            `${worker}, ${mode}, ${failing} failing, ${withCheckpoint ? 'with' : 'without'} checkpoints: ` +
              `${points} points, ${found.pairs} pairs, ${found.states} states, ` +
              `${found.problems.length} problems; ${seconds} s`,
          );
          problems.push(...found.problems.map(each => `${worker}, ${mode}, ${failing}: ${each}`));
        }
      }
    }
  }
  return problems;
};
