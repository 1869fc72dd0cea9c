/**
 * Kills a working kernel, again and again: `npm run test:kill`, or
 * `KILL_ROUNDS=300 KILL_SEED=7 KILL_WORKER=local npx mocha spec/store/kernel-kill.slow.ts`.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { kernelChecks } from '../../lib/cli/store-checks.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import type { ManagerType } from '../../lib/types/vat-options.js';
import { makeRandom } from '../support/random.js';
import { useTempDirs } from './support/dirs.js';
import type { ChildNews, ChildOrder } from './support/kernel-child.js';
import { bootEconomy, heightOf, initializeEconomy, runBlock } from './support/kernel-host.js';

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 5);
const SEED = Number(process.env.KILL_SEED ?? 1);
const WORKER: ManagerType = process.env.KILL_WORKER === 'local' ? 'local' : 'xsnap';

const script = fileURLToPath(new URL('support/kernel-child.ts', import.meta.url));

/** A host that was started on the store, and what it said. */
const startHost = (order: ChildOrder) => {
  const child: ChildProcess = fork(script, [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx/esm'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const told = { isReady: false, committing: 0, committed: 0, commits: 0, commitMs: 0 };
  child.on('message', message => {
    const news = message as ChildNews;
    if ('ready' in news) {
      told.isReady = true;
    } else if ('committing' in news) {
      told.committing = news.committing;
    } else {
      told.committed = news.committed;
      told.commitMs = news.commitMs;
      told.commits += 1;
    }
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    told,
    /** Settles when it has booted and committed so often. */
    reached: async (commits: number): Promise<void> => {
      while (!told.isReady || told.commits < commits) await once(child, 'message');
    },
    /** @throws when it ended by itself */
    ended: async (): Promise<void> => {
      const [code, signal] = await ended;
      if (signal !== 'SIGKILL') throw Error(`the host ended with ${signal ?? `code ${code}`}`);
    },
    kill: () => child.kill('SIGKILL'),
  };
};

/** The same blocks on the same first state without any disturbance, as far as somebody asks. */
const startReference = async (serialized: Buffer) => {
  const store = initSwingStore(null, { serialized });
  const hashes = [store.kernelStorage.getActivityhash()];
  const controller = await bootEconomy(store, WORKER);
  return {
    store,
    hashAt: async (height: number): Promise<string> => {
      while (hashes.length <= height) {
        await runBlock(store, controller, hashes.length);
        await store.hostStorage.commit();
        hashes.push(store.kernelStorage.getActivityhash());
      }
      return hashes[height]!;
    },
    end: async () => {
      await controller.shutdown();
      await store.hostStorage.close();
    },
  };
};

/** What replicas share, and what would show any difference between them. */
const replicatedState = ({ debug }: SwingStore) => {
  const { kvEntries, transcripts, snapshots, bundles } = debug.dump();
  return {
    kv: Object.fromEntries(Object.entries(kvEntries).filter(([key]) => !key.startsWith('local.'))),
    transcripts,
    snapshots: Object.entries(snapshots).map(([vatID, list]) => [
      vatID,
      list.map(({ snapPos, hash, inUse }) => ({ snapPos, hash, inUse })),
    ]),
    bundles: Object.keys(bundles),
  };
};

describe(`a working kernel on ${WORKER}`, () => {
  const tempDir = useTempDirs();

  it(`comes back from ${ROUNDS} kill -9 to the last commit, as if undisturbed`, async () => {
    const random = makeRandom(SEED);
    const path = tempDir();
    const fresh = initSwingStore(path);
    await initializeEconomy(fresh, WORKER);
    const reference = await startReference(fresh.debug.serialize());
    await fresh.hostStorage.close();

    let height = 0;
    let commitMs = 20;
    const kills = { booting: 0, working: 0, committing: 0, afterCommit: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const inCommit = round % 3 === 0;
      const host = startHost({
        path,
        worker: WORKER,
        ...(inCommit && {
          killInCommit: { commit: 1, afterMs: random.below(Math.ceil(commitMs * 1.2)) },
        }),
      });
      if (!inCommit) {
        // Some of the others while it boots and replays, some while it works.
        if (round % 3 === 1) await Promise.race([host.reached(0), setTimeout(random.below(2500))]);
        else await host.reached(1);
        await setTimeout(random.below(1000));
        host.kill();
      }
      await host.ended();
      const { isReady, committing, committed } = host.told;
      commitMs = host.told.commitMs || commitMs;

      const store = openSwingStore(path);
      const before = height;
      height = heightOf(store);
      const where = `round ${round}, block ${height}`;
      expect(height, where).to.be.at.least(Math.max(before, committed));
      expect(height, where).to.be.at.most(Math.max(before, committing));
      expect(store.kernelStorage.getActivityhash(), where).to.equal(await reference.hashAt(height));
      await store.hostStorage.close();
      const { problems } = await verifyStore(path, { checks: kernelChecks });
      expect(problems, where).to.deep.equal([]);
      if (!isReady) kills.booting += 1;
      else if (committing <= committed) kills.working += 1;
      else if (height < committing) kills.committing += 1;
      else kills.afterCommit += 1;
    }
    const killed = openSwingStore(path);
    expect(replicatedState(killed)).to.deep.equal(replicatedState(reference.store));
    await killed.hostStorage.close();
    await reference.end();
    if (ROUNDS > 5) {
      console.log(`      ${height} blocks; kills: ${JSON.stringify(kills)}`);
    }
    expect(height).to.be.at.least(Math.floor(ROUNDS / 5));
  });
});
