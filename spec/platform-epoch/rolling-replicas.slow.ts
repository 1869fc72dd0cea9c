/**
 * Three replicas with different settings live through random schedules of messages, epochs, failures
 * and crashes in rolling mode, and agree after each block. SWINGSET_SEED chooses other schedules,
 * ROLLING_SCHEDULES their number.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { crankCounter } from '../../lib/controller/run-policies.js';
import { makeRandom } from '../support/random.js';
import { startLife, type Life } from '../support/swingset.js';
import { copyStore } from './support/crash.js';
import { hashTables, makeConfig } from './support/fixture.js';

const seed = Number(process.env['SWINGSET_SEED'] ?? 1);
const schedules = Number(process.env['ROLLING_SCHEDULES'] ?? 100);
const NAMES = ['carol', 'dave', 'erin'] as const;
const BLOCKS = 6;

/** What each replica decides for itself. */
const REPLICAS = [
  { maxVatsOnline: 50, concurrency: 1 },
  { maxVatsOnline: 3, concurrency: 3 },
  { maxVatsOnline: 1, concurrency: 2 },
] as const;

/** What all replicas do in a block. */
interface Block {
  readonly epoch?: number;
  readonly sends: readonly (readonly [name: string, number: number])[];
  /** The policy ends the run after so many cranks. What is left crosses blocks and epochs. */
  readonly cranks: number;
  /** How many sleeping vats may start. */
  readonly vats: number;
  /** The crashes are those of single replicas: they do the block again. */
  readonly crashes: readonly boolean[];
}

const makeSchedule = (random: ReturnType<typeof makeRandom>): readonly Block[] => {
  let epoch = 1;
  let sent = 0;
  return Array.from({ length: BLOCKS }, (_, block) => {
    const advances = block === 1 || random.below(5) === 0;
    if (advances) epoch += 1;
    const sends = Array.from({ length: random.below(4) }, () => {
      sent += 1;
      return [NAMES[random.below(NAMES.length)] ?? 'carol', sent] as const;
    });
    return {
      ...(advances && { epoch }),
      sends,
      cranks: 3 + random.below(25),
      vats: random.below(3),
      crashes: REPLICAS.map(() => random.below(8) === 0),
    };
  });
};

interface Trace {
  readonly hashes: readonly string[];
  readonly tables: Readonly<Record<string, string>>;
  /** By vat: what it was sent, in order. */
  readonly heard: Readonly<Record<string, unknown>>;
  /** `v5.1`: a start that was committed. */
  readonly starts: readonly string[];
}

describe(`three replicas in rolling mode, ${schedules} schedules (seed ${seed})`, () => {
  let directory: string;

  let original: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-rolling-'));
    original = join(directory, 'original');
    const life = await startLife({
      config: makeConfig(),
      worker: 'xsnap',
      store: { path: original },
      platformEpoch: 1,
    });
    await life.run();
    for (const name of NAMES) {
      // Erin can't start in her second life; the next epoch tries again.
      const vatParameters = name === 'erin' ? { failInLife: 1 } : {};
      await life.call('boot', 'create', name, { vatParameters });
    }
    await life.close();
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  const live = async (path: string, schedule: readonly Block[], index: number): Promise<Trace> => {
    const { maxVatsOnline, concurrency } = REPLICAS[index] ?? REPLICAS[0];
    let platformEpoch = 1;
    const options = () => ({
      platformEpoch,
      platformRestart: { mode: 'rolling', concurrency } as const,
      warehousePolicy: { maxVatsOnline },
    });
    const life: Life = await startLife({
      config: makeConfig(),
      worker: 'xsnap',
      store: { path: copyStore(original, path) },
      ...options(),
    });
    const hashes: string[] = [];
    const starts: string[] = [];
    const execute = async ({ sends, cranks, vats }: Block): Promise<void> => {
      for (const [name, number] of sends) {
        life.controller.queueToVatRoot('boot', 'sendOnly', [name, 'write', number], 'none');
      }
      await life.controller.run(crankCounter(cranks, 100, true, { restarts: { vats } }));
    };
    for (const block of schedule) {
      life.slog.length = 0;
      if (block.epoch !== undefined) {
        platformEpoch = block.epoch;
        await life.reboot(options());
      }
      if (block.crashes[index]) {
        await execute(block);
        life.slog.length = 0;
        await life.crash(options());
      }
      await execute(block);
      await life.hostStorage.commit();
      hashes.push(life.controller.getActivityhash());
      for (const { type, dispatch, vatID } of life.slog) {
        if (type === 'deliver' && dispatch === 'startVat') starts.push(String(vatID));
      }
    }
    const heard: Record<string, unknown> = {};
    for (const name of NAMES) {
      if (name !== 'erin') heard[name] = await life.call('boot', 'send', name, 'read');
    }
    const tables = hashTables(life.store, { withoutLocal: true });
    await life.finish();
    return { hashes, tables, heard, starts };
  };

  it('agree after each block; each message is delivered once and in order', async () => {
    const random = makeRandom(seed);
    for (let number = 0; number < schedules; number += 1) {
      const schedule = makeSchedule(random);
      const what = `schedule ${number}`;
      const [first, ...others] = await Promise.all(
        REPLICAS.map((_, index) => live(join(directory, `${number}.${index}`), schedule, index)),
      );
      if (!first) throw Error('no replica');
      for (const other of others) {
        expect(other.hashes, what).to.deep.equal(first.hashes);
        expect(other.tables, what).to.deep.equal(first.tables);
        expect(other.heard, what).to.deep.equal(first.heard);
      }
      for (const name of NAMES) {
        if (name === 'erin') continue;
        const sent = schedule.flatMap(({ sends }) =>
          sends.filter(([to]) => to === name).map(([, message]) => message),
        );
        expect(first.heard[name], `${what}: ${name}`).to.deep.equal(sent);
      }
      const epochs = schedule.filter(({ epoch }) => epoch !== undefined).length;
      for (const vatID of new Set(first.starts)) {
        const starts = first.starts.filter(each => each === vatID).length;
        expect(starts, `${what}: ${vatID} restarts once per epoch`).to.be.at.most(epochs);
      }
      rmSync(join(directory, `${number}.0`), { recursive: true, force: true });
      rmSync(join(directory, `${number}.1`), { recursive: true, force: true });
      rmSync(join(directory, `${number}.2`), { recursive: true, force: true });
    }
  });
});
