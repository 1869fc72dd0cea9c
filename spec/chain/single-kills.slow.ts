/** A node of a chain of one validator whose processes die, with the real engine. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeTempDir } from '../support/swingset.js';
import { until } from '../support/processes.js';
import { Client, Load } from './support/client.js';
import { needEngine } from '../support/engine.js';
import { makeChain } from './support/homes.js';
import { blockMoments } from './support/moments.js';
import { stopAllNodes } from './support/node.js';
import type { ChainNode } from './support/node.js';

const waitForPart = (node: ChainNode, part: 'app' | 'engine', other: number | undefined) =>
  until(() => {
    const pid = node.pidOf(part);
    return pid !== undefined && pid !== other;
  });

describe('a chain of one validator whose processes die', () => {
  afterEach(stopAllNodes);

  it('loses and repeats nothing, whatever dies, and replays from genesis', async function () {
    const engine = await needEngine(this);
    const { nodes, admin } = await makeChain({
      directory: makeTempDir(),
      engine,
      basePort: 27_200,
    });
    const node = nodes[0] as ChainNode;
    node.start({ mortal: true });
    await node.reaches(2);
    const client = new Client([node.endpoint]);
    const load = new Load(client);
    await load.sends(10);

    for (const part of ['app', 'engine', 'both'] as const) {
      const before = node.pidOf('app');
      expect(node.kill(part), part).to.equal(true);
      await waitForPart(node, 'app', before);
      await waitForPart(node, 'engine', undefined);
      await load.sends(10);
    }
    for (const moment of blockMoments) {
      node.dieAt(moment);
      await until(() => node.hasDied);
      await load.sends(10);
    }
    const sent = await load.stop();
    expect(node.output).to.match(
      /node {3}\| the application was ended by SIGKILL; both start again/,
    );
    expect(node.output).to.match(
      /node {3}\| the engine (ended with exit code 0|was ended by SIGKILL)/,
    );

    const reader = new Client([node.endpoint], admin);
    const { total, twice } = await reader.tally(client.key.address);
    expect({ total, twice }).to.deep.equal({ total: sent, twice: [] });

    const height = await node.height();
    const { code, output } = await node.stop();
    expect([code, output.trim().split('\n').at(-1)]).to.deep.equal([0, 'stopped']);

    // The engine compares the hash of each block that it replays.
    rmSync(join(node.home, 'data/swingset'), { recursive: true });
    node.start();
    await node.reaches(height + 1);
    expect((await reader.tally(client.key.address)).total).to.equal(sent);

    // Nothing outlives a supervisor that dies.
    const [app, engineProcess] = [node.pidOf('app'), node.pidOf('engine')];
    node.killSupervisor();
    await node.exited();
    await until(() => [app, engineProcess].every(pid => !existsSync(`/proc/${pid}`)));
  });
});
