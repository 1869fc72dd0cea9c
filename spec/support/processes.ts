import { setTimeout as delay } from 'node:timers/promises';
import { describeProcess } from '../../lib/store/process-identity.js';

/** Is there such a process, other than as a zombie? */
export const isRunning = (pid: number): boolean => describeProcess(pid) !== undefined;

/** Settles when what other processes do has made it true; the timeout of the test is the limit. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await delay(20);
};
