/** Every job by its name, for the processes that run them. A process loads no more than it needs. */
import type { Job } from './types.js';

const catalogues: readonly (() => Promise<readonly Job[]>)[] = [
  async () => (await import('../rows/catalogue.js')).rows,
  async () => [(await import('./prepare.js')).prepareBundles],
  async () => (await import('../growth/catalogue.js')).curves.map(({ job }) => job),
  async () => (await import('../real-vats/catalogue.js')).realVatJobs,
];

export const findJob = async (name: string): Promise<Job> => {
  for (const read of catalogues) {
    const job = (await read()).find(each => each.name === name);
    if (job) return job;
  }
  throw Error(`no job is named ${name}`);
};
