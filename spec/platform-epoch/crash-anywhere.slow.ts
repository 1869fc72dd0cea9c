/**
 * Kills hosts at a hundred and more places of a restart of thirty vats, half of them with
 * checkpoints; on xsnap, half of them with workers that run ahead. SWINGSET_SEED chooses other
 * places.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readEpochLedger } from '../../lib/platform-epoch/ledger.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import { compareIDs } from '../../lib/types/ids.js';
import { COMMIT_POINT } from './support/child-order.js';
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

/** Park and Miller's generator: the same places for the same seed, on all machines. */
const makeRandom = () => {
  let state = seed;
  return (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
};

/** How many vats a boot with epoch 2 has yet to restart, as the store says. */
const countLeft = async (path: string): Promise<number> => {
  const { kernelStorage, hostStorage } = openSwingStore(path);
  const state = new KernelState(kernelStorage);
  const vatIDs = state.vats.allIDs();
  const last = readEpochLedger(kernelStorage).at(-1);
  const lastDone = state.platformEpochs.lastDone();
  await hostStorage.close();
  if (last?.epoch !== 2) return vatIDs.length;
  if (last.status === 'complete') return 0;
  return vatIDs.filter(vatID => !lastDone || compareIDs(vatID, lastDone) > 0).length;
};

for (const { worker, atPoints, atTimes } of [
  { worker: 'local', atPoints: 70, atTimes: 20 },
  { worker: 'xsnap', atPoints: 12, atTimes: 6 },
] as const) {
  describe(`a host that is killed anywhere in a restart of 30 vats, on ${worker} (seed ${seed})`, () => {
    let directory: string;
    let original: string;
    let undisturbed: Outcome;
    let ms: number;
    const points = [COMMIT_POINT];
    const random = makeRandom();

    before(async () => {
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
    const killAndFinish = async (number: number, killAt: string | undefined) => {
      const path = copyStore(original, join(directory, `${number}`));
      const order = {
        path,
        platformEpoch: 2,
        mode: 'eager',
        withCheckpoint: number % 2 === 0,
        concurrency: worker === 'xsnap' && number % 4 < 2 ? 2 : 1,
      } as const;
      const child = startChild({ ...order, ...(killAt !== undefined && { killAt }) });
      if (killAt === undefined) {
        const after = random(ms);
        child.once('message', () => setTimeout(() => child.kill('SIGKILL'), after));
      }
      const end = await endOf(child);
      const wasKilled = 'signal' in end;
      if (killAt !== undefined) expect(wasKilled).to.equal(true);
      await untilGone(child);
      const left = await countLeft(path);
      const { restarted, ...outcome } = await bootAndLook({ ...order });
      rmSync(path, { recursive: true, force: true });
      return { outcome, restarted, left, wasKilled };
    };

    it(`comes to the same from ${atPoints} random points and ${atTimes} random moments`, async () => {
      const { restarted: all, ...expected } = undisturbed;
      let kills = 0;
      let underWay = 0;
      for (let number = 0; number < atPoints + atTimes; number += 1) {
        const killAt = number < atPoints ? points[random(points.length)] : undefined;
        const where = `kill ${number} at ${killAt ?? 'a moment'}`;
        const { outcome, restarted, left, wasKilled } = await killAndFinish(number, killAt);
        // The same transcripts, and so as many incarnations of each vat as without the kill.
        expect(outcome, where).to.deep.equal(expected);
        expect(restarted, `${where}: vats that were not done, and no other`).to.equal(left);
        if (wasKilled) kills += 1;
        if (left > 0 && left < all) underWay += 1;
      }
      console.log(
        `      ${kills} kills; ${underWay} of the stores had some vats done and some not`,
      );
      expect(underWay).to.be.greaterThan(0);
    });
  });
}
