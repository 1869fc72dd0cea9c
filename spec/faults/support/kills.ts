/**
 * Kills a host that restarts all vats of a store, its workers, or both, at random moments, until a host
 * gets through; then looks at the store.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { kernelChecks } from '../../../lib/cli/store-checks.js';
import { describeProcess } from '../../../lib/store/process-identity.js';
import { PROCESSES_DIR } from '../../../lib/store/schema.js';
import { verifyStore } from '../../../lib/store/verify.js';
import type { ChildOrder } from '../../platform-epoch/support/child-order.js';
import { bootAndLook, copyStore, endOf, membersOf } from '../../platform-epoch/support/crash.js';
import { prepareStore, startChild, untilGone } from '../../platform-epoch/support/crash.js';
import type { StoreOptions } from '../../platform-epoch/support/crash.js';
import { makeRandom, type Random } from '../../support/random.js';

export interface KillOptions
  extends
    Omit<StoreOptions, 'path'>,
    Pick<Required<ChildOrder>, 'mode' | 'withCheckpoint' | 'concurrency' | 'blocks'> {
  /** How many hosts, workers or both are killed in all. */
  readonly count: number;
  readonly seed: number;
  /** The compiled host, for runs that start thousands of them. */
  readonly compiledHost?: string;
}

type Victim = 'kernel' | 'workers' | 'both';

export interface KillResult {
  /** How often each was killed. */
  readonly kills: Readonly<Record<Victim, number>>;
  /** Worker processes that were killed. */
  readonly processes: number;
  /** Stores that were taken to the end. */
  readonly stores: number;
  readonly problems: readonly string[];
}

/** So many, and the store is taken to the end without any more. */
const MOST_KILLS_PER_STORE = 6;

const workersOf = ({ pid }: ChildProcess): number[] =>
  membersOf(pid).filter(member => describeProcess(member)?.command.includes('xsnap'));

const killProcess = (pid: number): boolean => {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
    return false;
  }
};

const killWorkers = (child: ChildProcess, random: Random): number => {
  const workers = workersOf(child);
  const one = random.pick(workers);
  const victims = random.chance(50) ? workers : one === undefined ? [] : [one];
  return victims.filter(killProcess).length;
};

export const killAtRandom = async (options: KillOptions): Promise<KillResult> => {
  const { worker, mode, withCheckpoint, concurrency, blocks, count, seed, compiledHost } = options;
  const random = makeRandom(seed);
  const home = mkdtempSync(join(tmpdir(), 'swingset-kernel-kills-'));
  const kills: Record<Victim, number> = { kernel: 0, workers: 0, both: 0 };
  const problems: string[] = [];
  let processes = 0;
  let stores = 0;

  const victims: readonly Victim[] =
    worker === 'xsnap' ? ['kernel', 'workers', 'both'] : ['kernel'];
  const orderFor = (path: string): ChildOrder => ({
    path,
    platformEpoch: 2,
    mode,
    withCheckpoint,
    concurrency,
    blocks,
  });
  const boot = async (path: string) => {
    const { restarted: _any, ...outcome } = await bootAndLook(orderFor(path));
    return outcome;
  };

  /** How long a host takes from its first call of the kernel to its end, in ms. */
  const measure = async (path: string): Promise<number> => {
    const child = startChild(orderFor(path), compiledHost);
    const ended = endOf(child);
    await once(child, 'message');
    const start = performance.now();
    await ended;
    return performance.now() - start;
  };

  /** @returns what was killed, if the host had not ended before, and whether it ended by itself. */
  const killOnce = async (path: string, ms: number) => {
    const child = startChild(orderFor(path), compiledHost);
    let isOver = false;
    const ended = endOf(child).finally(() => (isOver = true));
    // Not left alone while this waits for a moment.
    ended.catch(() => undefined);
    const moment = async (): Promise<void> => {
      await Promise.race([delay(random.below(Math.ceil(ms))), ended]);
    };
    await Promise.race([once(child, 'message'), ended]);
    await moment();
    const victim = random.pick(victims) ?? 'kernel';
    const killed = !isOver;
    if (killed && victim !== 'kernel') processes += killWorkers(child, random);
    if (killed && victim !== 'workers') child.kill('SIGKILL');
    const end = await ended;
    await untilGone(child);
    return { victim: killed ? victim : undefined, isThrough: !('signal' in end) };
  };

  try {
    const original = join(home, 'original');
    await prepareStore({ ...options, path: original });
    const undisturbed = await boot(copyStore(original, join(home, 'undisturbed')));
    const ms = await measure(copyStore(original, join(home, 'measured')));
    let total = 0;
    while (total < count) {
      const path = copyStore(original, join(home, `${stores}`));
      const history: string[] = [];
      const problem = (what: string): void =>
        void problems.push(`seed ${seed}, store ${stores} (${history.join(', ')}): ${what}`);
      try {
        for (let nth = 0; nth < MOST_KILLS_PER_STORE && total < count; nth += 1) {
          const { victim, isThrough } = await killOnce(path, ms);
          history.push(victim ?? 'too late');
          if (victim !== undefined) {
            kills[victim] += 1;
            total += 1;
          }
          if (isThrough) break;
        }
        // The same transcripts as without the kills, and so as many incarnations of each vat.
        if (!isDeepStrictEqual(await boot(path), undisturbed)) problem('comes to another end');
        const { problems: found } = await verifyStore(path, { checks: kernelChecks });
        found.forEach(({ thing, detail }) => problem(`${thing}: ${detail}`));
        if (existsSync(join(path, PROCESSES_DIR))) problem('records of processes are left');
      } catch (error) {
        problem(String(error));
      }
      stores += 1;
      rmSync(path, { recursive: true, force: true });
    }
    return { kills, processes, stores, problems };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};
