/** A node of a chain of one validator, as an operator runs it, with the real engine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeEndpoints } from '../../lib/cli/chain/client/endpoints.js';
import { queryProven } from '../../lib/cli/chain/query-proven.js';
import { makeTempDir } from '../support/swingset.js';
import { Client } from './support/client.js';
import { needEngine } from '../support/engine.js';
import { makeChain } from './support/homes.js';
import { stopAllNodes } from './support/node.js';
import type { ChainNode } from './support/node.js';

describe('a chain of one validator', () => {
  afterEach(stopAllNodes);

  it('halts for an upgrade, and goes on with its software only', async function () {
    const engine = await needEngine(this);
    const { nodes, admin } = await makeChain({
      directory: makeTempDir(),
      engine,
      basePort: 27_210,
    });
    const node = nodes[0] as ChainNode;
    node.start();
    await node.reaches(2);
    const client = new Client([node.endpoint], admin);
    expect(await client.message('add', 1)).to.deep.include({ state: 'fulfilled', value: 1 });

    const proven = await queryProven(
      makeEndpoints([node.client]),
      { path: '/row/c.identity', timeout: 60 },
      { now: () => Date.now(), delay: ms => new Promise(resolve => void setTimeout(resolve, ms)) },
    );
    expect(JSON.parse(proven.value!)).to.include({ initialHeight: 1 });
    expect(proven.header.height).to.equal(proven.height + 1n);

    const height = (await node.height()) + 10;
    const plan = { name: 'summer', height, info: 'see the forum' };
    await client.send([[{ type: 'scheduleUpgrade', plan }]]);
    expect(await client.query('/plan')).to.deep.include(plan);

    const halted = await node.exited();
    expect(halted.code).to.equal(3);
    expect(halted.output).to.include(`UPGRADE "summer" NEEDED at height ${height}`);
    const info = readFileSync(join(node.home, 'data/upgrade-info.json'), 'utf8');
    expect(JSON.parse(info)).to.deep.equal(plan);

    // Started again, it halts again.
    node.start();
    expect((await node.exited()).code).to.equal(3);
    node.start({ platformEpoch: 'autumn' });
    const wrong = await node.exited();
    expect([wrong.code, wrong.output]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes('this software is "autumn"'),
    );

    node.start({ platformEpoch: 'summer' });
    await node.reaches(height + 1);
    expect(node.output).to.match(/^app {4}\| restart, \d+ of \d+: v\d+ tally restarted$/m);
    expect(node.output).to.match(
      new RegExp(`^app {4}\\| block ${height} upgraded in \\d+ ms$`, 'm'),
    );
    expect(await client.tally(admin.address)).to.deep.equal({
      incarnation: 1,
      total: 1,
      twice: [],
    });
    const { appVersion } = await node.client.header(BigInt(height + 1));
    expect(appVersion).to.equal(2n);
    await node.stop();

    node.start();
    const old = await node.exited();
    expect(old.code).to.equal(1);
    expect(old.output).to.match(/older/);
  });
});
