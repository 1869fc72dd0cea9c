/**
 * A chain of four validators with random kills: of the application at chosen moments
 * of a block, during a snapshot and during a restore, of the engine, and of both. `KILLS` (100),
 * `VALIDATORS` (4), `SEED`.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { until } from '../support/processes.js';
import { makeTempDir } from '../support/swingset.js';
import { Client, Load } from './support/client.js';
import { needEngine } from '../support/engine.js';
import { appHashes, compareOwnHash } from './support/hashes.js';
import { joinByStateSync, makeChain, setNodeOptions } from './support/homes.js';
import { KillCounts, killOnce } from './support/kills.js';
import { restoreMoments } from './support/moments.js';
import type { Moment } from './support/moments.js';
import { stopAllNodes } from './support/node.js';
import type { ChainNode } from './support/node.js';
import { fromEnvironment, seededRandom } from './support/settings.js';

const SNAPSHOTS = { snapshotInterval: 10, snapshotKeep: 5 };

describe('a chain whose processes die at random', () => {
  afterEach(stopAllNodes);

  it('catches up, and executes nothing twice', async function () {
    const engine = await needEngine(this);
    const kills = fromEnvironment('KILLS', 100);
    const random = seededRandom();
    const { nodes, admin } = await makeChain({
      directory: makeTempDir(),
      engine,
      basePort: 27_400,
      validators: fromEnvironment('VALIDATORS', 4),
      worker: 'xsnap',
    });
    const [first, second] = nodes as [ChainNode, ChainNode];
    for (const node of nodes) {
      setNodeOptions(node, { ...SNAPSHOTS, maxVatsOnline: node === second ? 10 : 50 });
      node.start({ mortal: true });
    }
    await Promise.all(nodes.map(node => node.reaches(2, 300_000)));
    const endpoints = nodes.map(({ endpoint }) => endpoint);
    const load = new Load(new Client(endpoints));

    const counts = new KillCounts();
    while (counts.total < kills) {
      counts.add(await killOnce(random.pick(nodes) ?? first, random));
      // Half of the deaths meet a node that is still catching up.
      if (random.chance(50)) await load.sends(5);
    }
    console.log(`kills: ${counts.toString()}`);
    const sent = await load.stop();
    const reader = new Client(endpoints, admin);
    const { total, twice } = await reader.tally(load.client.key.address);
    expect({ total, twice }).to.deep.equal({ total: sent, twice: [] });

    const height = await first.height();
    await Promise.all(nodes.map(node => node.reaches(height + 1)));
    const agreed = await appHashes(first, { height });
    for (const node of nodes) {
      expect(await appHashes(node, { height }), node.home).to.deep.equal(agreed);
      await compareOwnHash(node);
    }

    // From H-3: the application's state of then, and the engine's of now.
    await second.stop();
    const kept = join(makeTempDir(), 'swingset');
    cpSync(join(second.home, 'data/swingset'), kept, { recursive: true });
    second.start();
    await second.reaches((await first.height()) + 3);
    await second.stop();
    rmSync(join(second.home, 'data/swingset'), { recursive: true });
    cpSync(kept, join(second.home, 'data/swingset'), { recursive: true });
    second.start();
    await second.reaches((await first.height()) + 1);
    await compareOwnHash(second);

    // From genesis.
    await second.stop();
    rmSync(join(second.home, 'data/swingset'), { recursive: true });
    second.start();
    await second.reaches((await first.height()) + 1, 3_600_000);
    await compareOwnHash(second);
    await Promise.all(nodes.map(node => node.stop()));
  });

  it('restores a snapshot whose restore was killed', async function () {
    const engine = await needEngine(this);
    const { nodes } = await makeChain({
      directory: makeTempDir(),
      engine,
      basePort: 27_450,
      worker: 'xsnap',
    });
    const [node] = nodes as [ChainNode];
    setNodeOptions(node, { snapshotInterval: 5, snapshotKeep: 10 });
    node.start();
    await node.reaches(2);
    const load = new Load(new Client([node.endpoint]));
    await node.reaches(12);
    await load.stop();
    for (const [index, moment] of restoreMoments.entries()) {
      const joined = await joinByStateSync(node, {
        home: join(makeTempDir(), `joined${index}`),
        basePort: 27_460 + 10 * index,
        engine,
      });
      joined.dieAt(moment satisfies Moment);
      joined.start({ mortal: true });
      await until(() => joined.hasDied || !joined.isRunning);
      await joined.reaches(Number(await node.height()) + 1, 300_000);
      await compareOwnHash(joined);
      await joined.stop();
    }
  });
});
