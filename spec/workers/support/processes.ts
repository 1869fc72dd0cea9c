import { spawn as nodeSpawn, type ChildProcess } from 'node:child_process';
import { makeNodeWorkerPowers } from '../../../lib/platform/node-powers.js';
import type { WorkerPowers } from '../../../lib/platform/xsnap-process.js';

export interface WatchedPowers {
  /** All processes started, the last one last. */
  readonly started: ChildProcess[];
  readonly powers: WorkerPowers;
  readonly running: () => ChildProcess[];
}

/** Real processes, recorded for the spec. */
export const makeWatchedPowers = (): WatchedPowers => {
  const started: ChildProcess[] = [];
  const spawn = ((...args: Parameters<typeof nodeSpawn>) => {
    const child = nodeSpawn(...args);
    started.push(child);
    return child;
  }) as typeof nodeSpawn;
  return {
    started,
    powers: { ...makeNodeWorkerPowers(), spawn },
    running: () =>
      started.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null),
  };
};
