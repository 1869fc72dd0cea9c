/**
 * All worker processes of one kernel: for vats, spares, runs ahead, and the making of a platform
 * image.
 *
 * Invariants:
 * 1. Each process is recorded from before it gets work until it has ended, so that the next kernel
 *    can end those that a `kill -9` of this one leaves (issue 10).
 * 2. After `stop()`, none keeps running and none starts.
 */
import type { ChildProcess, spawn as Spawn } from 'node:child_process';
import type { ProcessRecords } from '../store/process-records.js';
import { WorkersStoppedError } from './errors.js';

export interface WorkerProcesses {
  readonly spawn: typeof Spawn;
  /** Kills all processes, including those that are starting. Settles when they have ended. */
  stop(): Promise<void>;
}

export const makeWorkerProcesses = (
  spawn: typeof Spawn,
  records: ProcessRecords,
): WorkerProcesses => {
  const running = new Map<ChildProcess, Promise<void>>();
  let stopped = false;
  return {
    spawn: ((command: string, args: readonly string[], options: object) => {
      if (stopped) throw new WorkersStoppedError();
      const child = spawn(command, args, options);
      const { pid } = child;
      // Without a PID the process never started. Its `error` event says why.
      if (pid === undefined) return child;
      const forget = records.note(pid, [command, ...args]);
      const ended = new Promise<void>(resolve => {
        child.once('exit', () => {
          running.delete(child);
          forget();
          resolve();
        });
      });
      running.set(child, ended);
      return child;
    }) as typeof Spawn,
    stop: async () => {
      stopped = true;
      for (const child of running.keys()) child.kill('SIGKILL');
      await Promise.all(running.values());
    },
  };
};
