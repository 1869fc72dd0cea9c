/**
 * Kills hosts at a hundred places of a restart of thirty vats. Takes about ten minutes, so it runs
 * with SWINGSET_SLOW=1 only; SWINGSET_SEED chooses other places.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { COMMIT_POINT } from './support/child-order.js';
import {
  bootAndLook,
  copyStore,
  endOf,
  prepareStore,
  startChild,
  type Outcome,
} from './support/crash.js';

const seed = Number(process.env['SWINGSET_SEED'] ?? 1);

/** Park and Miller's generator: the same places for the same seed, on all machines. */
const makeRandom = () => {
  let state = seed;
  return (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
};

const slowly = process.env['SWINGSET_SLOW'] === '1' ? describe : describe.skip;

for (const { worker, atPoints, atTimes } of [
  { worker: 'local', atPoints: 80, atTimes: 20 },
  { worker: 'xsnap', atPoints: 10, atTimes: 5 },
] as const) {
  slowly(
    `a host that is killed anywhere in a restart of 30 vats, on ${worker} (seed ${seed})`,
    () => {
      let directory: string;
      let original: string;
      let undisturbed: Outcome;
      let ms: number;
      const points = [COMMIT_POINT];
      const random = makeRandom();

      before(async function prepare() {
        this.timeout(600_000);
        directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-crash-'));
        original = join(directory, 'original');
        await prepareStore({ path: original, worker, dynamicVats: 26 });
        const path = copyStore(original, join(directory, 'undisturbed'));
        const start = performance.now();
        undisturbed = await bootAndLook({
          path,
          platformEpoch: 2,
          mode: 'eager',
          faultPoint: name => void points.push(name),
        });
        ms = Math.ceil(performance.now() - start);
      });

      after(() => rmSync(directory, { recursive: true, force: true }));

      /** Kills a host and then lets another one finish its work. */
      const killAndFinish = async (number: number, killAt?: string): Promise<Outcome> => {
        const path = copyStore(original, join(directory, `${number}`));
        const order = {
          path,
          platformEpoch: 2,
          mode: 'eager',
          withCheckpoint: number % 2 === 0,
        } as const;
        const child = startChild({ ...order, ...(killAt !== undefined && { killAt }) });
        if (killAt === undefined) {
          const after = random(ms);
          child.once('message', () => setTimeout(() => child.kill('SIGKILL'), after));
        }
        const end = await endOf(child);
        if (killAt !== undefined) expect(end).to.deep.equal({ signal: 'SIGKILL' });
        const outcome = await bootAndLook({ path, platformEpoch: 2, mode: 'eager' });
        rmSync(path, { recursive: true, force: true });
        return outcome;
      };

      it(`comes to the same from ${atPoints} random points and ${atTimes} random moments`, async function test() {
        this.timeout(3_600_000);
        for (let number = 0; number < atPoints + atTimes; number += 1) {
          const killAt = number < atPoints ? points[random(points.length)] : undefined;
          const { activityhash, tables } = await killAndFinish(number, killAt);
          const { restarted: _any, ...expected } = undisturbed;
          expect(
            { activityhash, tables },
            `kill ${number} at ${killAt ?? 'a moment'}`,
          ).to.deep.equal(expected);
        }
      });
    },
  );
}
