/** Performs a task in its process. */
import { findJob } from './jobs.js';
import type { Task } from './run-task.js';
import type { Context, Sample } from './types.js';

const QUICK_DIVISOR = 10;

const contextOf = ({ contender, settings, bundles, storeDir, at }: Task): Context => ({
  kernel: contender === 'peer' ? 'peer' : 'here',
  settings,
  bundles,
  storeDir,
  at,
  size: full => (settings.quick ? Math.max(1, Math.round(full / QUICK_DIVISOR)) : full),
});

export const perform = async (task: Task): Promise<Sample> => {
  const context = contextOf(task);
  const job = await findJob(task.job);
  switch (task.step) {
    case 'fixture':
      await job.fixture?.make(context);
      return {};
    case 'measure': {
      const measure = task.contender === 'limit' ? job.limit?.measure : job.measure;
      if (!measure) throw Error(`${job.name} has no limit`);
      return measure(context);
    }
    default:
      return task.step satisfies never;
  }
};
