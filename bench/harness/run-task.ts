/** Runs a task in a process of its own. */
import { fork } from 'node:child_process';
import type { Contender, Outcome, Settings } from './types.js';

export interface Task {
  /** The compiled `child.ts`. */
  readonly child: string;
  /** The name of a row, or of another job of `jobs.ts`. */
  readonly job: string;
  readonly step: 'fixture' | 'measure';
  readonly contender: Contender;
  readonly settings: Settings;
  readonly bundles: string;
  readonly storeDir: string;
  readonly at: number;
}

const ERROR_CHARS = 4000;

/** @throws Error with the end of the process's output if it fails */
export const runTask = (task: Task): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const child = fork(task.child, [JSON.stringify(task)], {
      execArgv: [],
      // Vats print. What they say matters only if the run fails.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-ERROR_CHARS);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    let outcome: Outcome | undefined;
    child.on('message', message => {
      outcome = message as Outcome;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (outcome && code === 0) resolve(outcome);
      else {
        const { job, step, contender } = task;
        const end = signal ?? `code ${code}`;
        reject(Error(`${job} (${step}, ${contender}) ended with ${end}:\n${output}`));
      }
    });
  });
