/**
 * Kills hosts anywhere in lazy and rolling restarts of thirty vats and in the blocks that follow.
 * SWINGSET_SEED chooses other places.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeRandom } from '../support/random.js';
import {
  bootAndLook,
  copyStore,
  endOf,
  prepareStore,
  startChild,
  untilGone,
  type Outcome,
} from './support/crash.js';

const seed = Number(process.env['SWINGSET_SEED'] ?? 1);
const KILLS_PER_STORE = 5;
/** 26 vats at two a block, and some more. */
const BLOCKS = 15;

for (const { worker, mode, stores } of [
  { worker: 'local', mode: 'lazy', stores: 4 },
  { worker: 'local', mode: 'rolling', stores: 10 },
  { worker: 'xsnap', mode: 'rolling', stores: 6 },
] as const) {
  describe(`hosts that are killed anywhere in a ${mode} restart of 30 vats and after it, on ${worker} (seed ${seed})`, () => {
    let directory: string;
    let original: string;
    let undisturbed: Outcome;
    /** In the order in which a host comes by. */
    const points: string[] = [];
    const random = makeRandom(seed);

    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-crash-'));
      original = join(directory, 'original');
      await prepareStore({ path: original, worker, dynamicVats: 26 });
      undisturbed = await bootAndLook({
        path: copyStore(original, join(directory, 'undisturbed')),
        platformEpoch: 2,
        mode,
        blocks: BLOCKS,
        faultPoint: name => void points.push(name),
      });
    });

    after(() => rmSync(directory, { recursive: true, force: true }));

    /** What was lost with a kill comes by again, so later and later points are all met. */
    const choosePoints = (): string[] =>
      Array.from({ length: KILLS_PER_STORE }, () => random.below(points.length))
        .sort((a, b) => a - b)
        .map(index => points[index] ?? '');

    it(`come to the same after ${KILLS_PER_STORE} kills of each of ${stores} stores`, async () => {
      const { restarted: _all, ...expected } = undisturbed;
      for (let number = 0; number < stores; number += 1) {
        const path = copyStore(original, join(directory, `${number}`));
        const order = {
          path,
          platformEpoch: 2,
          mode,
          withCheckpoint: number % 2 === 0,
          concurrency: worker === 'xsnap' && number % 3 < 2 ? 2 : 1,
          blocks: BLOCKS,
        };
        const kills = choosePoints();
        let met = 0;
        for (const killAt of kills) {
          const child = startChild({ ...order, killAt });
          const end = await endOf(child);
          await untilGone(child);
          if ('signal' in end) met += 1;
        }
        expect(met, kills.join(', ')).to.equal(KILLS_PER_STORE);
        const { restarted: _left, ...outcome } = await bootAndLook(order);
        expect(outcome, kills.join(', ')).to.deep.equal(expected);
        rmSync(path, { recursive: true, force: true });
      }
    });
  });
}
