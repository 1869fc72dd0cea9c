/**
 * Issue 18: an hour of a chain of four validators, whose processes die at random, under load and under
 * attack. A fifth node joins by state sync after a third of the time, and all of them upgrade after
 * half of it. `MINUTES` (60), `MODE` of the upgrade (`rolling`), `SEED`.
 */
import { join } from 'node:path';
import { expect } from 'chai';
import { transactionHash } from '../../../lib/host/transactions/transaction.js';
import { needEngine } from '../../support/engine.js';
import type { Random } from '../../support/random.js';
import { makeTempDir } from '../../support/swingset.js';
import { Client, Load } from '../support/client.js';
import { appHashes, compareOwnHash } from '../support/hashes.js';
import { joinByStateSync, makeChain, setNodeOptions } from '../support/homes.js';
import { HostileClients } from '../support/hostile-client.js';
import { KillCounts, killOnce } from '../support/kills.js';
import { stopAllNodes } from '../support/node.js';
import type { ChainNode } from '../support/node.js';
import { fromEnvironment, seededRandom } from '../support/settings.js';

const MODE = (process.env['MODE'] ?? 'rolling') as 'eager' | 'lazy' | 'rolling';

const started = performance.now();
const tell = (text: string): void => {
  console.log(`${Math.round((performance.now() - started) / 1000)} s: ${text}`);
};

interface Attack {
  readonly nodes: readonly ChainNode[];
  readonly random: Random;
  readonly loads: readonly Load[];
  readonly counts: KillCounts;
}

/** Kills one node after the other. Half of the deaths meet a node that is still catching up. */
const attack = async ({ nodes, random, loads, counts }: Attack, minutes: number) => {
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    const node = random.pick(nodes);
    if (!node) throw Error('there are no nodes');
    counts.add(await killOnce(node, random));
    if (random.chance(50)) await loads[0]?.sends(5);
  }
};

/** All nodes halt before the height of the plan, and go on as the new software. */
const upgrade = async (nodes: readonly ChainNode[], admin: Client): Promise<void> => {
  await Promise.all(nodes.map(async node => node.reaches(1)));
  const heights = await Promise.all(nodes.map(node => node.height()));
  const height = Math.max(...heights) + 40;
  const plan = { name: 'summer', height, info: '', restart: { mode: MODE } };
  await admin.send([[{ type: 'scheduleUpgrade', plan }]], 600);
  await Promise.all(
    nodes.map(async node => {
      const { code, output } = await node.exited();
      expect(code, output.slice(-2000)).to.equal(3);
      node.start({ platformEpoch: 'summer', mortal: true });
    }),
  );
  await Promise.all(nodes.map(node => node.reaches(height + 5)));
};

/** Each block has what it had when the client heard of it, on each node. */
const expectNothingLost = async (nodes: readonly ChainNode[], loads: readonly Load[]) => {
  const byHeight = new Map<bigint, string[]>();
  for (const { hash, height } of loads.flatMap(({ committed }) => committed)) {
    byHeight.set(height, [...(byHeight.get(height) ?? []), hash.toLowerCase()]);
  }
  for (const { client, home } of nodes) {
    for (const [height, hashes] of byHeight) {
      const found = (await client.txsOf(height)).map(transactionHash);
      expect(found, `${home} at ${height}`).to.include.members(hashes);
    }
  }
};

describe('an hour of a chain', () => {
  afterEach(stopAllNodes);

  it('with kills, attacks, a node that joins and an upgrade: one state, nothing lost, nothing twice', async function () {
    const engine = await needEngine(this);
    const minutes = fromEnvironment('MINUTES', 60);
    const random = seededRandom();
    const { nodes: validators, admin } = await makeChain({
      directory: makeTempDir(),
      engine,
      basePort: 28_300,
      validators: 4,
      worker: 'xsnap',
      reapInterval: 1000,
    });
    const [first, second] = validators as [ChainNode, ChainNode];
    const snapshots = { snapshotInterval: 10, snapshotKeep: 5 };
    for (const node of validators) {
      setNodeOptions(node, { ...snapshots, ...(node === second && { maxVatsOnline: 3 }) });
      node.start({ mortal: true });
    }
    await Promise.all(validators.map(node => node.reaches(2)));
    const endpoints = validators.map(({ endpoint }) => endpoint);
    const loads = [0, 1].map(() => new Load(new Client(endpoints)));
    const hostile = new HostileClients(
      validators.map(({ client }) => client),
      random,
    );
    const counts = new KillCounts();
    const nodes = [...validators];
    const underAttack = { nodes, random, loads, counts };

    await attack(underAttack, minutes / 3);
    tell(`height ${await first.height()}, ${counts.total} kills; a node joins`);
    await first.reaches(25);
    const joined = await joinByStateSync(first, {
      home: join(makeTempDir(), 'joined'),
      basePort: 28_340,
      engine,
    });
    setNodeOptions(joined, snapshots);
    joined.start({ mortal: true });
    const joinedAt = (await first.height()) + 1;
    await joined.reaches(joinedAt);
    nodes.push(joined);

    await attack(underAttack, minutes / 6);
    tell(`height ${await first.height()}, ${counts.total} kills; all upgrade`);
    const reader = new Client(endpoints, admin);
    await upgrade(nodes, reader);

    tell(`height ${await first.height()}; on the new platform`);
    await attack(underAttack, minutes / 2);

    await hostile.stop();
    const sent = await Promise.all(loads.map(load => load.stop()));
    tell(`kills: ${counts.toString()}`);
    tell(`attacks: ${JSON.stringify(hostile.counts)}`);
    expect(hostile.problems).to.deep.equal([]);
    for (const [index, { client }] of loads.entries()) {
      const { total, twice, incarnation } = await reader.tally(client.key.address);
      expect({ total, twice, incarnation }).to.deep.equal({
        total: sent[index],
        twice: [],
        incarnation: 1,
      });
    }

    const height = await first.height();
    await Promise.all(nodes.map(node => node.reaches(height + 1)));
    const agreed = await appHashes(first, { height });
    for (const node of nodes) {
      const from = node === joined ? joinedAt : 1;
      expect(await appHashes(node, { from, height }), node.home).to.deep.equal(
        agreed.slice(from - 1),
      );
      await compareOwnHash(node);
    }
    await expectNothingLost(validators, loads);
    tell(`${height} blocks, ${sent.join(' and ')} messages, ${new Set(agreed).size} hashes`);
  });
});
