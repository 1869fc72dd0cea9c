/** Replicas of one chain that differ in what a node decides for itself. */
import { expect } from 'chai';
import type { LocalOptions } from '../../../lib/host/block-host/local-options.js';
import { tellOfBrokenGuest } from './broken-guest.js';
import { busyBlocks, smallBudget } from './busy-blocks.js';
import { hex, makeBlock, makeChain } from './support.js';

describe('equal blocks', () => {
  it('give equal app hashes on replicas with other options, and after crashes', async () => {
    const hashes: string[][] = [];
    const replicas: readonly { readonly local: LocalOptions; readonly crashes?: true }[] = [
      { local: {} },
      { local: { maxVatsOnline: 1, preloadConcurrency: 3 } },
      { local: { maxVatsOnline: 2, preload: 'background' }, crashes: true },
    ];
    for (const { local, crashes = false } of replicas) {
      const chain = await makeChain({ params: smallBudget, local });
      const own: string[] = [];
      for (const [index, txs] of busyBlocks(chain).entries()) {
        if (crashes && index % 2 === 0) {
          const lost = await chain.host.executeBlock(makeBlock(chain.height, txs));
          await chain.crash();
          expect(chain.host.info().height).to.equal(chain.height - 1);
          const again = await chain.host.executeBlock(makeBlock(chain.height, txs));
          expect(again).to.eql(lost);
        }
        own.push(hex((await chain.block(...txs)).appHash));
      }
      hashes.push(own);
    }
    expect(hashes[1]).to.eql(hashes[0]);
    expect(hashes[2]).to.eql(hashes[0]);
  });
});

/** What a node decides for itself, each otherwise. */
const nodes: readonly LocalOptions[] = [
  {},
  { maxVatsOnline: 1, spareWorkers: 0, preloadConcurrency: 1, restartConcurrency: 1 },
  { maxVatsOnline: 3, spareWorkers: 2, preload: 'background', restartConcurrency: 4 },
];

describe('replicas with other options', () => {
  for (const { worker, mode } of [
    { worker: 'local', mode: 'lazy' },
    { worker: 'xsnap', mode: 'eager' },
    { worker: 'xsnap', mode: 'lazy' },
    { worker: 'xsnap', mode: 'rolling' },
  ] as const) {
    it(`(${mode}, ${worker}) agree on installs, proposals, an upgrade and a vat that it suspends`, async () => {
      const first = await tellOfBrokenGuest(await makeChain({ worker }), mode);
      expect(new Set(first.hashes).size).to.be.above(8);
      for (const local of nodes.slice(1)) {
        const chain = await makeChain({ worker, local });
        expect(await tellOfBrokenGuest(chain, mode), JSON.stringify(local)).to.eql(first);
        await chain.host.close();
      }
    });
  }
});
