/** Lets the nth call on the disk fail, for one n after the other, and looks at what is left. */
import { cpSync, existsSync, mkdirSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { kernelChecks } from '../../../lib/cli/store-checks.js';
import { SwingsetError } from '../../../lib/errors.js';
import { isSwingStore } from '../../../lib/store/directory.js';
import { STORE_FILE } from '../../../lib/store/schema.js';
import { verifyStore } from '../../../lib/store/verify.js';
import type { Random } from '../../support/random.js';
import type { Disk, Fault } from './disk.js';
import type { Tables, Workload } from './workloads.js';

export interface Sweep {
  readonly disk: Disk;
  readonly workload: Workload;
  readonly fault: Fault;
  /** A directory of `workload.prepare`, which stays as it is. */
  readonly original: string;
  readonly undisturbed: Tables;
  /** How many calls fail in turn, each in a run of its own; by default each. */
  readonly count?: number | undefined;
  readonly random: Random;
}

export interface SweepResult {
  /** Calls of an undisturbed run. */
  readonly calls: number;
  /** How many runs met the fault. */
  readonly met: number;
  /** How many of these rejected, by the code of the error. The others did without the call. */
  readonly errors: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** Files of the directory that this process has open. */
const openFiles = (directory: string): string[] =>
  readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(directory) ? [path.slice(directory.length)] : [];
    } catch {
      // The descriptor of the listing itself.
      return [];
    }
  });

const expectedCodes = ({ error, classes }: Fault): readonly string[] => {
  const codes = ['STORE_IO', 'STORE_SYNC'];
  // SQLite takes sectors that can't be read for damage.
  if (error === 'EIO' && classes.includes('read')) codes.push('STORE_DAMAGED');
  if (classes.includes('lock')) codes.push('STORE_LOCKED');
  return codes;
};

const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? ` (${String(error.code)})` : '';
  const cause = error.cause === undefined ? '' : `; because of ${describe(error.cause)}`;
  return `${error.name}${code}: ${error.message}${cause}`;
};

const problemsOfStores = async (home: string, stores: readonly string[]): Promise<string[]> => {
  const problems: string[] = [];
  for (const name of stores) {
    const path = join(home, name);
    if (!existsSync(path) || !isSwingStore(path)) continue;
    // Its first transaction did not end. The next writer rolls it back, which a reader may not.
    if (existsSync(join(path, `${STORE_FILE}-journal`))) continue;
    const report = await verifyStore(path, { checks: kernelChecks });
    problems.push(...report.problems.map(({ thing, detail }) => `${name}: ${thing}: ${detail}`));
  }
  return problems;
};

/** Numbers from 1 to `total`, in order: all, or `count` of them. */
const choose = (total: number, count: number | undefined, random: Random): readonly number[] => {
  const all = Array.from({ length: total }, (_, index) => index + 1);
  if (count === undefined || count >= total) return all;
  // One of each stretch, so that no phase of the work is left out.
  return Array.from({ length: count }, (_, index) => {
    const [from, to] = [index, index + 1].map(each => Math.floor((each * total) / count));
    return 1 + from! + random.below(to! - from!);
  });
};

export const sweep = async (options: Sweep): Promise<SweepResult> => {
  const { disk, workload, fault, original, undisturbed, count, random } = options;
  const home = join(disk.files, 'run');
  const lay = (): void => {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    cpSync(original, home, { recursive: true });
  };
  const attempt = async (nth: number) => {
    lay();
    disk.arm(fault, nth);
    let error: unknown;
    let tables: Tables | undefined;
    try {
      tables = await workload.run(home);
    } catch (reason) {
      error = reason;
    }
    return { tables, error, ...disk.disarm() };
  };

  const problems: string[] = [];
  const errors: Record<string, number> = {};
  let met = 0;
  const { made: calls } = await attempt(0);
  for (const nth of choose(calls, count, random)) {
    const where = `${workload.name}, ${fault.name}, call ${nth} of ${calls}`;
    const problem = (what: string): void => void problems.push(`${where}: ${what}`);
    const { tables, error, failed } = await attempt(nth);
    if (failed > 0) met += 1;
    if (tables === undefined) {
      const code = error instanceof SwingsetError ? error.code : 'none';
      errors[code] = (errors[code] ?? 0) + 1;
      if (!expectedCodes(fault).includes(code)) problem(`rejects with ${describe(error)}`);
    } else if (!isDeepStrictEqual(tables, undisturbed)) {
      problem('succeeds with another result');
    }
    const open = openFiles(disk.files);
    if (open.length > 0) problem(`leaves files open: ${open.join(', ')}`);
    try {
      (await problemsOfStores(home, workload.stores)).forEach(problem);
      const next = await workload.run(home);
      if (!isDeepStrictEqual(next, undisturbed)) problem('the next run comes to another result');
      (await problemsOfStores(home, workload.stores)).forEach(problem);
    } catch (reason) {
      problem(`the next run rejects with ${describe(reason)}`);
    }
  }
  return { calls, met, errors, problems };
};
