/**
 * Kills hosts at a hundred places of restarts of thirty vats, most of them with checkpoints; on xsnap,
 * half of the hosts have workers that run ahead. SWINGSET_SEED chooses other places.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readEpochLedger } from '../../lib/platform-epoch/ledger.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import { compareIDs } from '../../lib/types/ids.js';
import { makeRandom } from '../support/random.js';
import { COMMIT_POINT, type ChildOrder } from './support/child-order.js';
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

const KILLS_PER_STORE = 5;

for (const { worker, stores } of [
  { worker: 'local', stores: 18 },
  { worker: 'xsnap', stores: 6 },
] as const) {
  describe(`hosts that are killed anywhere in a restart of 30 vats, on ${worker} (seed ${seed})`, () => {
    let directory: string;
    let original: string;
    let undisturbed: Outcome;
    let ms: number;
    /** In the order in which a host comes by. */
    const points: string[] = [];
    const random = makeRandom(seed);

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

    /** A point that a host with so many vats left comes by; the fewer kills to go, the later. */
    const choosePoint = (left: number, killsToGo: number): string => {
      const vatIDs = [...new Set(points.flatMap(name => /v\d+$/.exec(name)?.[0] ?? []))];
      const next = vatIDs[vatIDs.length - left];
      const ahead = points.slice(points.findIndex(name => name.endsWith(`:${next}`)));
      const chosen =
        left === 0 ? undefined : ahead[random.below(Math.ceil(ahead.length / killsToGo))];
      return chosen ?? COMMIT_POINT;
    };

    /** @returns whether the host was still there to be killed */
    const kill = async (order: ChildOrder): Promise<boolean> => {
      const child = startChild(order);
      if (order.killAt === undefined) {
        const after = random.below(ms);
        child.once('message', () => setTimeout(() => child.kill('SIGKILL'), after));
      }
      const end = await endOf(child);
      await untilGone(child);
      return 'signal' in end;
    };

    it(`come to the same after ${KILLS_PER_STORE} kills of each of ${stores} stores`, async () => {
      const { restarted: all, ...expected } = undisturbed;
      let kills = 0;
      let underWay = 0;
      for (let number = 0; number < stores; number += 1) {
        const path = copyStore(original, join(directory, `${number}`));
        const order = {
          path,
          platformEpoch: 2,
          mode: 'eager',
          withCheckpoint: number % 3 < 2,
          concurrency: worker === 'xsnap' && number % 2 === 0 ? 2 : 1,
        } as const;
        const history: string[] = [];
        let left = all;
        const atMoment = random.below(KILLS_PER_STORE);
        for (let nth = 0; nth < KILLS_PER_STORE; nth += 1) {
          const killAt = nth === atMoment ? undefined : choosePoint(left, KILLS_PER_STORE - nth);
          const wasKilled = await kill({ ...order, ...(killAt !== undefined && { killAt }) });
          if (killAt !== undefined) expect(wasKilled, killAt).to.equal(true);
          if (wasKilled) kills += 1;
          const leftNow = await countLeft(path);
          history.push(`${killAt ?? 'a moment'}: ${leftNow} left`);
          expect(leftNow, history.join(', ')).to.be.at.most(left);
          left = leftNow;
          if (left > 0 && left < all) underWay += 1;
        }
        const { restarted, ...outcome } = await bootAndLook(order);
        // The same transcripts, and so as many incarnations of each vat as without the kills.
        expect(outcome, history.join(', ')).to.deep.equal(expected);
        expect(restarted, `${history.join(', ')}: no vat twice`).to.equal(left);
        rmSync(path, { recursive: true, force: true });
      }
      console.log(`      ${kills} kills; ${underWay} of them left some vats done and some not`);
      expect(underWay).to.be.greaterThan(0);
    });
  });
}
