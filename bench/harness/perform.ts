/** Performs a task in its process. */
import { findJob } from './jobs.js';
import type { Task } from './run-task.js';
import type { Context, Job, Outcome, Sample } from './types.js';

const QUICK_DIVISOR = 10;

const contextOf = (
  { contender, settings, bundles, storeDir, at }: Task,
  noteActivityhash: Context['noteActivityhash'],
): Context => ({
  kernel: contender === 'peer' ? 'peer' : 'here',
  ...{ settings, bundles, storeDir, at, noteActivityhash },
  size: full => (settings.quick ? Math.max(1, Math.round(full / QUICK_DIVISOR)) : full),
});

const performStep = async (
  job: Job,
  { step, contender }: Task,
  context: Context,
): Promise<Sample> => {
  switch (step) {
    case 'fixture':
      await job.fixture?.make(context);
      return {};
    case 'measure': {
      const measure = contender === 'limit' ? job.limit?.measure : job.measure;
      if (!measure) throw Error(`${job.name} has no limit`);
      return measure(context);
    }
    default:
      return step satisfies never;
  }
};

export const perform = async (task: Task): Promise<Outcome> => {
  let activityhash: string | undefined;
  const context = contextOf(task, hash => {
    activityhash = hash;
  });
  const sample = await performStep(await findJob(task.job), task, context);
  return { sample, ...(activityhash !== undefined && { activityhash }) };
};
