/** A scratch directory with the bundles that all runs share. Deleted at the end. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileSources } from '../../spec/support/compile-sources.js';
import type { BenchOptions } from './options.js';
import type { Plan } from './run-job.js';
import { runTask } from './run-task.js';

const onRun = (text: string): void => {
  // Apart from the table, which may go to a file.
  process.stderr.write(`${text}\n`);
};

/** Compiles, prepares the bundles, and does the work. */
export const withWorkplace = async <T>(
  { settings, rounds, contenders }: BenchOptions,
  work: (plan: Plan) => Promise<T>,
): Promise<T> => {
  const scratch = await mkdtemp(join(tmpdir(), 'swingset-bench-'));
  try {
    const compiled = await compileSources(['lib', 'bench', 'spec/support', 'spec/real-vats']);
    const child = join(compiled, 'bench/harness/child.js');
    const bundles = join(scratch, 'bundles');
    await mkdir(bundles);
    for (const contender of ['here', 'peer'] as const) {
      if (contender === 'peer' && !contenders.includes('peer')) continue;
      onRun(`bundles for ${contender}`);
      await runTask({
        ...{ job: 'prepare', step: 'measure', contender, settings, bundles, child },
        ...{ storeDir: scratch, at: 0 },
      });
    }
    return await work({ settings, rounds, contenders, scratch, bundles, child, onRun });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};
