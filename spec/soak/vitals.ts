/** What a long run may not use more of as it goes on: memory, file descriptors, processes. Linux. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Vitals {
  /** Bytes on the heap of this process after a collection, and outside of it. */
  readonly heap: number;
  readonly external: number;
  /** Resident bytes of this process, and of its workers together. */
  readonly resident: number;
  readonly workersResident: number;
  readonly workers: number;
  /** Open file descriptors of this process. */
  readonly files: number;
}

const PAGE = 4096;

/** Processes started by this one. */
const children = (): string[] =>
  readdirSync('/proc').filter(entry => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const [state, parent] = readFileSync(`/proc/${entry}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(parent) === process.pid && state !== 'Z';
    } catch {
      // It has ended.
      return false;
    }
  });

const residentOf = (pid: string): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE;

/** Needs `node --expose-gc`. */
export const readVitals = (): Vitals => {
  if (!globalThis.gc) throw Error('run node with --expose-gc');
  // What the first collection finalizes, the second one frees.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  const workers = children();
  return {
    heap: heapUsed,
    external,
    resident: rss,
    workersResident: workers.reduce((sum, pid) => sum + residentOf(pid), 0),
    workers: workers.length,
    files: readdirSync('/proc/self/fd').length,
  };
};

const MEBIBYTE = 2 ** 20;

export const showVitals = (vitals: Vitals): string => {
  const { heap, external, resident, workersResident, workers, files } = vitals;
  const [inHeap, outside, inAll, theirs] = [heap, external, resident, workersResident].map(bytes =>
    (bytes / MEBIBYTE).toFixed(1),
  );
  return (
    `heap ${inHeap} MiB, external ${outside} MiB, resident ${inAll} MiB, ` +
    `${workers} workers with ${theirs} MiB, ${files} files`
  );
};

/** Bytes of all files of a store. */
export const storeSize = (directory: string): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** A tenth more, and what one compiled function or one page more or less comes to. */
const ALLOWED = { share: 1.1, bytes: 4 * MEBIBYTE };

/** Fewer samples show no trend. */
const LEAST_SAMPLES = 6;

/**
 * What rose, from samples that were taken in equal states of the run. Compares the last third with
 * the first, without the first sample, in which caches fill.
 */
export const findGrowth = (samples: readonly Vitals[]): readonly string[] => {
  const warm = samples.slice(1);
  if (warm.length < LEAST_SAMPLES) return [];
  const third = Math.floor(warm.length / 3);
  const problems: string[] = [];
  const change = (what: keyof Vitals) =>
    [warm.slice(0, third), warm.slice(-third)].map(part =>
      median(part.map(each => each[what])),
    ) as [number, number];
  for (const what of ['heap', 'external', 'workersResident'] as const) {
    const [before, after] = change(what);
    if (after > before * ALLOWED.share + ALLOWED.bytes) {
      problems.push(`${what} rose from ${before} to ${after} bytes`);
    }
  }
  for (const what of ['files', 'workers'] as const) {
    const [before, after] = change(what);
    if (after > before + 1) problems.push(`${what} rose from ${before} to ${after}`);
  }
  return problems;
};
