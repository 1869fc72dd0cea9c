/**
 * Runs the same seeds in processes that differ in everything that a replica decides for itself, and
 * in their surroundings. They must agree after each crank.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ManagerType } from '../../lib/types/vat-options.js';
import type { Machine } from './host.js';
import { SoakFailure } from './operation.js';
import type { ReplicaAnswer, ReplicaOrder } from './replica-order.js';

interface ReplicaSettings {
  readonly machine: Machine;
  readonly env: Readonly<Record<string, string>>;
}

/** Turkish has another capital of `i`, Swedish another order of letters. */
const SETTINGS: readonly ReplicaSettings[] = [
  { machine: {}, env: { LANG: 'C', LC_ALL: 'C', TZ: 'UTC' } },
  {
    machine: {
      concurrency: 3,
      warehousePolicy: { maxVatsOnline: 3, spareWorkers: 2, preloadConcurrency: 2 },
    },
    env: {
      ...{ LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Apia' },
      ...{
        UV_THREADPOOL_SIZE: '1',
        SWINGSET_WORKER_TYPE: 'local',
        DEBUG: 'SwingSet:*',
        USER: 'başka',
      },
    },
  },
  {
    machine: { concurrency: 2, warehousePolicy: { maxVatsOnline: 1, preload: 'none' } },
    env: {
      ...{ LANG: 'sv_SE.UTF-8', LC_ALL: 'sv_SE.UTF-8', TZ: 'America/St_Johns' },
      ...{ NODE_ENV: 'production', HOME: '/nonexistent', SWINGSET_SEED: '99' },
    },
  },
];

const script = fileURLToPath(new URL('replica.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

class Replica {
  readonly #machine: Machine;
  readonly #directory: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<ReplicaAnswer>;

  constructor({ machine, env }: ReplicaSettings, index: number) {
    this.#machine = machine;
    // Stores are at other paths, too.
    this.#directory = mkdtempSync(join(tmpdir(), `swingset-replica-${'x'.repeat(7 * index)}`));
    this.#process = fork(script, {
      cwd: root,
      env: { ...process.env, TMPDIR: this.#directory, ...env },
      execArgv: ['--import', 'tsx/esm'],
    });
    this.#ended = once(this.#process, 'exit').then(([code, signal]) => ({
      failure: `the process ended with ${signal ?? code}`,
    }));
  }

  /** @throws SoakFailure, also when the process ends */
  async run(order: Omit<ReplicaOrder, 'machine'>): Promise<readonly string[]> {
    this.#process.send({ ...order, machine: this.#machine } satisfies ReplicaOrder);
    const answered = once(this.#process, 'message').then(([answer]) => answer as ReplicaAnswer);
    const answer = await Promise.race([answered, this.#ended]);
    if ('failure' in answer) throw new SoakFailure(`seed ${order.seed}: ${answer.failure}`);
    return answer.trace;
  }

  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

const insistSame = (what: string, actual: readonly string[], expected: readonly string[]): void => {
  const first = expected.findIndex((each, index) => actual[index] !== each);
  if (first >= 0) throw new SoakFailure(`${what}: crank ${first} of the trace differs`);
  if (actual.length !== expected.length) {
    throw new SoakFailure(`${what}: ${actual.length} cranks instead of ${expected.length}`);
  }
};

export interface ReplicasOptions {
  /** The first of them. */
  readonly seed: number;
  readonly seeds: number;
  /** For each seed. */
  readonly cranks: number;
  readonly worker?: ManagerType;
  /** Asked after each seed; false ends the run. */
  readonly goesOn?: (seeds: number) => boolean;
}

export interface ReplicasResult {
  readonly seeds: number;
  /** How many were compared. */
  readonly cranks: number;
}

/** @throws SoakFailure at the first difference */
export const compareReplicas = async (options: ReplicasOptions): Promise<ReplicasResult> => {
  const { seed: first, cranks, worker = 'xsnap', goesOn = () => true } = options;
  const replicas = SETTINGS.map((settings, index) => new Replica(settings, index));
  let compared = 0;
  let seeds = 0;
  try {
    for (let isOver = options.seeds === 0; !isOver;) {
      const seed = first + seeds;
      const order = { seed, cranks, worker };
      const [expected = [], ...others] = await Promise.all(replicas.map(each => each.run(order)));
      for (const [index, trace] of others.entries()) {
        insistSame(`seed ${seed}, replica ${index + 1}`, trace, expected);
      }
      // In turn another one does it again.
      const again = replicas[seed % replicas.length]!;
      insistSame(`seed ${seed} again`, await again.run(order), expected);
      compared += expected.length;
      seeds += 1;
      isOver = seeds === options.seeds || !goesOn(seeds);
    }
    return { seeds, cranks: compared };
  } finally {
    await Promise.all(replicas.map(each => each.end()));
  }
};
