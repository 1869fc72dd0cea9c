import { setTimeout as delay } from 'node:timers/promises';
import { describeProcess } from '../../lib/store/process-identity.js';

/** Does the process exist, not as a zombie? */
export const isRunning = (pid: number): boolean => describeProcess(pid) !== undefined;

/** Resolves once other processes have made `holds` true. The test's timeout is the limit. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await delay(20);
};
