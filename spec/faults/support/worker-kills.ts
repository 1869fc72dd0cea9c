/** Kills the workers of a host, and leaves the host alone: it must not notice. */
import { spawn as nodeSpawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { SwingsetRuntimeOptions } from '../../../lib/controller/option-types.js';
import type { SlogEntry } from '../../../lib/types/slog.js';
import { bootAndLook, copyStore, prepareStore } from '../../platform-epoch/support/crash.js';
import type { BootOptions, StoreOptions } from '../../platform-epoch/support/crash.js';
import { makeRandom, type Random } from '../../support/random.js';

interface WorkerKiller {
  readonly runtimeOptions: Pick<SwingsetRuntimeOptions, 'slogSender' | 'spawn'>;
  /** How many workers it has killed. */
  readonly kills: () => number;
}

/** Beyond this, a delivery is over. */
const MOST_MS = 5;

/** No crank meets more than two deaths: one of its own, and one that was meant for the crank before. */
const makeWorkerKiller = (random: Random, percent: number): WorkerKiller => {
  const running = new Set<ChildProcess>();
  let kills = 0;
  let lastCrank: unknown;
  let isPending = false;
  const kill = (): void => {
    isPending = false;
    if (random.pick(running)?.kill('SIGKILL') === true) kills += 1;
  };
  const onDelivery = ({ crankNum }: SlogEntry): void => {
    if (isPending || crankNum === lastCrank || !random.chance(percent)) return;
    lastCrank = crankNum;
    isPending = true;
    // At once, so that the delivery finds a dead worker, or while it is under way.
    if (random.chance(50)) kill();
    else setTimeout(kill, random.below(MOST_MS));
  };
  return {
    runtimeOptions: {
      slogSender: entry => {
        if (entry.type === 'deliver') onDelivery(entry);
      },
      spawn: ((command: string, args: readonly string[], options: object) => {
        const child = nodeSpawn(command, args, options);
        running.add(child);
        child.once('exit', () => running.delete(child));
        return child;
      }) as typeof nodeSpawn,
    },
    kills: () => kills,
  };
};

export interface DyingWorkersOptions
  extends
    Omit<StoreOptions, 'path' | 'worker'>,
    Pick<BootOptions, 'mode' | 'concurrency' | 'blocks'> {
  readonly count: number;
  readonly seed: number;
}

export interface DyingWorkersResult {
  readonly kills: number;
  readonly boots: number;
  readonly problems: readonly string[];
}

const PERCENT = 50;

/** Restarts all vats of one store after the other on xsnap, until so many workers were killed. */
export const restartWithDyingWorkers = async (
  options: DyingWorkersOptions,
): Promise<DyingWorkersResult> => {
  const { count, seed } = options;
  const home = mkdtempSync(join(tmpdir(), 'swingset-kernel-workers-'));
  const killer = makeWorkerKiller(makeRandom(seed), PERCENT);
  const problems: string[] = [];
  let boots = 0;
  try {
    const original = join(home, 'original');
    await prepareStore({ ...options, path: original, worker: 'xsnap' });
    const boot = (name: string, runtimeOptions: BootOptions['runtimeOptions']) =>
      bootAndLook({
        ...options,
        path: copyStore(original, join(home, name)),
        platformEpoch: 2,
        ...(runtimeOptions && { runtimeOptions }),
      });
    const undisturbed = await boot('undisturbed', undefined);
    while (killer.kills() < count) {
      boots += 1;
      const outcome = await boot(`${boots}`, killer.runtimeOptions);
      if (!isDeepStrictEqual(outcome, undisturbed)) {
        problems.push(`seed ${seed}, boot ${boots}: comes to another end`);
      }
      rmSync(join(home, `${boots}`), { recursive: true });
    }
    return { kills: killer.kills(), boots, problems };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};
