/** Starts processes whose disks fail, and collects what they find. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareDisk } from './disk.js';
import type { SweepResult } from './sweep.js';

export interface DiskOptions {
  /** Names of workloads. */
  readonly workloads: readonly string[];
  /** Names of faults; by default all. */
  readonly faults?: readonly string[];
  /** Runs per workload and fault; by default one for each call. */
  readonly count?: number | undefined;
  readonly seed: number;
}

export interface DiskOrder extends DiskOptions {
  readonly home: string;
}

export interface DiskRun extends SweepResult {
  readonly workload: string;
  readonly fault: string;
  readonly seconds: number;
}

export type DiskNews = { readonly beginning: string } | DiskRun;

const script = fileURLToPath(new URL('disk-child.ts', import.meta.url));

/**
 * @param shim - the library, from `buildShim`
 * @throws when the process ends before it is through
 */
export const runOnFailingDisk = async (
  shim: string,
  options: DiskOptions,
  onRun: (run: DiskRun) => void = () => undefined,
): Promise<readonly DiskRun[]> => {
  const home = mkdtempSync(join(tmpdir(), 'swingset-kernel-disk-'));
  try {
    const environment = prepareDisk(home, shim);
    const order: DiskOrder = { home, ...options };
    const child = fork(script, [JSON.stringify(order)], {
      execArgv: ['--import', 'tsx/esm'],
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const runs: DiskRun[] = [];
    let last = 'its start';
    child.on('message', message => {
      const news = message as DiskNews;
      if ('beginning' in news) {
        last = news.beginning;
      } else {
        runs.push(news);
        onRun(news);
      }
    });
    // The last message may come after the end of the process.
    const [[code, signal]] = (await Promise.all([
      once(child, 'exit'),
      once(child, 'disconnect'),
    ])) as [[number | null, string | null], unknown];
    if (code !== 0) throw Error(`the process ended with ${signal ?? `code ${code}`} in: ${last}`);
    return runs;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};
