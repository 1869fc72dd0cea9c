/**
 * An upgrade on four validators in each mode: one comes late, one is killed in the midst of the
 * restart, and one between its commit and the engine's. A proposal has made a vat that can't
 * restart, and another one mends it. Then a fifth node joins by state sync. `MODES`
 * (`eager,lazy,rolling`). `OTHER_XSNAP` names a directory with another `@agoric/xsnap`, as in
 * `older-engine.slow.ts`: the vats run on that one before the upgrade.
 */
import { expect } from 'chai';
import type { Action } from '../../lib/host/transactions/action-types.js';
import { until } from '../support/processes.js';
import { makeTempDir } from '../support/swingset.js';
import { Client, Load } from './support/client.js';
import { needEngine } from '../support/engine.js';
import { appHashes, compareOwnHash } from './support/hashes.js';
import { joinByStateSync, makeChain, setNodeOptions } from './support/homes.js';
import { stopAllNodes } from './support/node.js';
import type { ChainNode } from './support/node.js';

const MODES = (process.env.MODES ?? 'eager,lazy,rolling').split(',') as (
  'eager' | 'lazy' | 'rolling'
)[];

const propose = (code: string): Action => ({ type: 'propose', code });

const makeFragile = propose(`async ({ vatAdmin, grantPowers }) => {
  const { root, adminNode } = await E(vatAdmin).createVatByName('fragile', { name: 'fragile' });
  grantPowers(harden({ fragile: root, fragileAdmin: adminNode }));
  return E(root).hello();
}`);

const mendFragile = propose(`async ({ vatAdmin, fragileAdmin }) => {
  const bundle = await E(vatAdmin).getNamedBundleCap('mended');
  await E(fragileAdmin).upgrade(bundle);
  return 'mended';
}`);

const askFragile = propose('async ({ fragile }) => E(fragile).hello()');

describe('an upgrade of four validators', () => {
  afterEach(stopAllNodes);

  for (const [index, mode] of MODES.entries()) {
    it(`restarts the vats, ${mode}`, async function () {
      const engine = await needEngine(this);
      const { nodes, admin } = await makeChain({
        directory: makeTempDir(),
        engine,
        basePort: 27_500 + 100 * index,
        validators: 4,
        worker: 'xsnap',
      });
      const [first, second, third, late] = nodes as [ChainNode, ChainNode, ChainNode, ChainNode];
      setNodeOptions(first, { snapshotInterval: 10, snapshotKeep: 10 });
      setNodeOptions(second, { restartConcurrency: 2, maxVatsOnline: 10 });
      for (const node of nodes) node.start({ xsnapFrom: process.env.OTHER_XSNAP });
      await Promise.all(nodes.map(node => node.reaches(2, 300_000)));
      const endpoints = nodes.map(({ endpoint }) => endpoint);
      const client = new Client(endpoints, admin);
      expect(await client.perform(makeFragile)).to.deep.include({
        state: 'fulfilled',
        value: 'fragile',
      });

      const load = new Load(new Client(endpoints));
      await load.sends(20);
      const height = (await first.height()) + 40;
      await client.send([
        [
          {
            type: 'scheduleUpgrade',
            plan: { name: 'summer', height, info: '', restart: { mode } },
          },
        ],
      ]);
      const halts = async (node: ChainNode): Promise<void> => {
        const { code, output } = await node.exited();
        expect(code).to.equal(3);
        expect(output).to.include(`UPGRADE "summer" NEEDED at height ${height}`);
      };
      // Each comes up when it has halted: one that is behind gets its last blocks from the others.
      second.dieAt('in the midst of the restart');
      third.dieAt('after the commit');
      await Promise.all(
        [first, second, third].map(async node => {
          await halts(node);
          node.start({ platformEpoch: 'summer', mortal: true });
        }),
      );
      await halts(late);
      await until(() => second.hasDied && third.hasDied);
      await Promise.all([first, second, third].map(node => node.reaches(height + 20, 600_000)));
      late.start({ platformEpoch: 'summer' });
      await late.reaches((await first.height()) + 1, 600_000);

      const sent = await load.stop();
      const { total, twice, incarnation } = await client.tally(load.client.key.address);
      expect({ total, twice, incarnation }).to.deep.equal({
        total: sent,
        twice: [],
        incarnation: 1,
      });

      // The vat that can't restart sleeps, and answers once it is mended.
      const asked = client.send([[askFragile]]);
      await asked;
      expect(await client.perform(mendFragile)).to.deep.include({
        state: 'fulfilled',
        value: 'mended',
      });
      expect(await client.perform(askFragile)).to.deep.include({
        state: 'fulfilled',
        value: 'mended, true',
      });

      const at = await first.height();
      await Promise.all(nodes.map(node => node.reaches(at + 1)));
      const agreed = await appHashes(first, { height: at });
      for (const node of nodes) {
        expect(await appHashes(node, { height: at }), node.home).to.deep.equal(agreed);
        await compareOwnHash(node);
      }

      // A fifth node joins while the chain is busy, and a sixth while it is idle.
      const busy = new Load(new Client(endpoints));
      await until(() => first.snapshots().some(snapshot => snapshot > height));
      for (const [number, name] of ['busy', 'idle'].entries()) {
        if (name === 'idle') await busy.stop();
        const joined = await joinByStateSync(first, {
          home: makeTempDir(),
          basePort: 27_550 + 100 * index + 10 * number,
          engine,
        });
        const started = performance.now();
        joined.start({ platformEpoch: 'summer' });
        await joined.reaches((await first.height()) + 2, 600_000);
        console.log(`${name}: joined in ${Math.round(performance.now() - started)} ms`);
        await compareOwnHash(joined);
        const epochs = JSON.parse((await joined.client.query('/epochs')).value.toString()) as {
          epoch: string;
          status: string;
        }[];
        expect(epochs.map(({ epoch }) => epoch)).to.deep.equal(['spring', 'summer']);
        await joined.stop();
      }

      await first.stop();
      first.start({ xsnapFrom: process.env.OTHER_XSNAP });
      const old = await first.exited();
      expect([old.code, /older/.test(old.output)]).to.deep.equal([1, true]);
    });
  }
});
