/**
 * Four validators under load, two of them with other local options: equal app hashes at every
 * height. `BLOCKS` (500), `CLIENTS` (4).
 */
import { expect } from 'chai';
import { makeTempDir } from '../support/swingset.js';
import { Client, Load } from './support/client.js';
import { needEngine } from '../support/engine.js';
import { appHashes, compareOwnHash } from './support/hashes.js';
import { makeChain, setNodeOptions } from './support/homes.js';
import { stopAllNodes } from './support/node.js';
import { fromEnvironment } from './support/settings.js';

describe('four validators', () => {
  after(stopAllNodes);

  it('have equal app hashes at every height, whatever their local options', async function () {
    const engine = await needEngine(this);
    const blocks = fromEnvironment('BLOCKS', 500);
    const { nodes, admin } = await makeChain({
      directory: makeTempDir(),
      engine,
      basePort: 27_300,
      validators: 4,
      worker: 'xsnap',
      relays: 5,
    });
    const [first, second, third, fourth] = nodes;
    if (!first || !second || !third || !fourth) throw Error('expected four nodes');
    setNodeOptions(second, { maxVatsOnline: 10, restartConcurrency: 2, cachedBranches: 0 });
    setNodeOptions(third, {
      maxVatsOnline: 20,
      spareWorkers: 1,
      preloadConcurrency: 3,
      snapshotInterval: 20,
    });
    for (const node of nodes) node.start();
    await Promise.all(nodes.map(node => node.reaches(2, 300_000)));

    const endpoints = nodes.map(({ endpoint }) => endpoint);
    const loads = Array.from({ length: fromEnvironment('CLIENTS', 4) }, (_, index) => {
      const turned = [...endpoints.slice(index % 4), ...endpoints.slice(0, index % 4)];
      return new Load(new Client(turned));
    });
    await first.reaches(blocks, blocks * 10_000);
    const sent = await Promise.all(loads.map(load => load.stop()));
    const busy = await first.height();
    const reader = new Client(endpoints, admin);
    for (const [index, { client }] of loads.entries()) {
      const { total, twice } = await reader.tally(client.key.address);
      expect({ total, twice }).to.deep.equal({ total: sent[index], twice: [] });
    }

    // An engine stops when its application's hash is not the one that the header has, so a node that
    // gets to a height had the agreed hash at each height before.
    const height = await first.height();
    await Promise.all(nodes.map(node => node.reaches(height + 1)));
    const agreed = await appHashes(first, { height });
    for (const node of nodes) {
      expect(await appHashes(node, { height }), node.home).to.deep.equal(agreed);
      await compareOwnHash(node);
    }
    const messages = sent.reduce((sum, each) => sum + each, 0);
    console.log(`${height} blocks, ${messages} messages, ${new Set(agreed).size} different hashes`);
    expect(new Set(agreed.slice(0, busy)).size).to.be.greaterThan(busy / 3);
  });
});
