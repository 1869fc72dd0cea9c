/** The swingsets of realistic vats. */
import type { Job } from '../harness/types.js';
import { largeVats } from './large.js';
import { markets } from './markets.js';
import { restartJob, WAYS } from './restart-jobs.js';
import type { Subject } from './subject.js';

export const subjects: readonly Subject[] = [markets, largeVats];

export const realVatJobs: readonly Job[] = subjects.flatMap(subject =>
  WAYS.map(way => restartJob(subject, way)),
);
