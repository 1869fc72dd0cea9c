import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { UpgradeNeededError } from '../../../lib/host/block-host/errors.js';
import type { PlanRestart } from '../../../lib/host/transactions/action-types.js';
import { actionsForBundle } from '../../../lib/host/transactions/bundle-chunks.js';
import { signTransaction } from '../../../lib/host/transactions/transaction.js';
import {
  alice,
  bundleOfFixture,
  CHAIN_ID,
  makeBlock,
  makeChain,
  message,
  open,
  type Chain,
  type ChainOptions,
} from './support.js';

const rejection = async (promise: Promise<unknown>): Promise<Error & { code?: string }> => {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw Error('it did not fail');
};

const plan = (height: number, restart?: PlanRestart, more: object = {}) => ({
  type: 'scheduleUpgrade' as const,
  plan: {
    name: 'two',
    height,
    info: 'https://example.org/two',
    ...(restart && { restart }),
    ...more,
  },
});

/** A chain whose next block is the one that upgrades. */
const chainBeforeUpgrade = async (restart?: PlanRestart, options: ChainOptions = {}) => {
  const chain = await makeChain(options);
  const [scheduled] = (await chain.act(plan(4, restart))) as [{ state: string }];
  expect(scheduled).to.have.property('state', 'fulfilled');
  const last = await chain.block(chain.tx(alice, message('app', 'add', 5)));
  expect(chain.height).to.equal(4);
  return { chain, last };
};

/** What the new software answers at the upgrade's height. */
const upgrade = async (chain: Chain) => {
  await chain.reopen({ platformEpoch: 'two' });
  return chain.block();
};

describe('an upgrade', () => {
  it('stops the old software before anything of its block, and is refused or done by others', async () => {
    const { chain, last } = await chainBeforeUpgrade();
    expect(last.events.find(({ type }) => type === 'swingset_drain')?.attributes).to.eql([
      ['upgrade', 'two'],
      ['left', '0'],
    ]);
    const before = chain.host.info();
    const txs = [chain.tx(alice, message('app', 'add', 1))];
    const block = makeBlock(4, txs);
    for (let count = 0; count < 2; count += 1) {
      const error = await rejection(chain.host.executeBlock(block));
      expect(error).to.include({ code: 'UPGRADE_NEEDED', upgradeName: 'two', height: 4 });
      expect((error as UpgradeNeededError).message).to.equal(
        'UPGRADE "two" NEEDED at height 4: this software is "one". Install the software of "two" and ' +
          'start it on this home. About it: https://example.org/two',
      );
    }
    const file = join(chain.home, 'data', 'upgrade-info.json');
    expect(readFileSync(file, 'utf8')).to.equal(
      '{"name":"two","height":4,"info":"https://example.org/two"}',
    );
    expect(chain.host.info()).to.eql(before);
    // Queries go on.
    expect(chain.query('/plan')).to.include({ name: 'two', height: 4 });
    await chain.host.close();

    const wrong = await rejection(open(chain.home, { platformEpoch: 'three' }));
    expect(wrong).to.have.property('code', 'WRONG_SOFTWARE');
    expect(wrong.message).to.include('the upgrade that is planned at height 4 is "two"');

    chain.host = await open(chain.home, { platformEpoch: 'two' });
    expect(chain.host.info()).to.eql(before);
    const executed = await chain.host.executeBlock(block);
    expect(executed.appVersion).to.equal(2n);
    const upgraded = executed.events.find(({ type }) => type === 'swingset_upgrade');
    expect(Object.fromEntries(upgraded!.attributes)).to.include({ name: 'two', mode: 'eager' });
    // Killed between the reply and the commit: all over again, with the same result.
    await chain.crash({ platformEpoch: 'two' });
    expect(chain.host.info()).to.eql(before);
    expect(await chain.host.executeBlock(block)).to.eql(executed);
    await chain.host.commit();
    chain.height = 5;
    expect(chain.host.info()).to.deep.include({
      height: 4,
      appVersion: 2n,
      platformEpoch: 'two',
      appHash: executed.appHash,
    });
    expect(chain.query('/plan')).to.equal(null);
    // 5 of the block before, 1 of the upgrade's block.
    const [{ value }] = (await chain.act(message('app', 'add', 0))) as [{ value: number }];
    expect(value).to.equal(6);
    expect((await chain.block()).appVersion).to.equal(undefined);
    // The name can't come again, and the old software can't come back.
    expect(chain.host.check(chain.tx(alice, plan(20)), 'new').log).to.equal(
      'actions[0]: plan.name: the chain has had the platform epoch "two"',
    );
    await chain.host.close();
    const old = await rejection(open(chain.home, { platformEpoch: 'one' }));
    expect(old).to.have.property('code', 'PLATFORM_EPOCH_REGRESSION');
  });

  it('is refused by its software below its height', async () => {
    const chain = await makeChain();
    await chain.act(plan(9));
    await chain.host.close();
    const error = await rejection(open(chain.home, { platformEpoch: 'two' }));
    expect(error).to.have.property('code', 'TOO_EARLY');
    expect(error.message).to.equal(
      'this software is for the upgrade "two" at height 9, and the chain is at height 2: run the ' +
        'software of "one" until it stops at height 9',
    );
    await chain.reopen();
    await chain.block();
  });

  it('is skipped by operators who list its height', async () => {
    const { chain } = await chainBeforeUpgrade();
    await chain.reopen({ skipUpgradeHeights: [4] });
    const { appVersion, events } = await chain.block();
    expect(appVersion).to.equal(undefined);
    expect(events.map(({ type }) => type)).to.include('swingset_upgrade_skipped');
    expect(chain.query('/plan')).to.equal(null);
    expect(existsSync(join(chain.home, 'data', 'upgrade-info.json'))).to.equal(false);
    await chain.act(message('app', 'add', 1));
  });

  it('may be cancelled, changed and planned only above the next height', async () => {
    const chain = await makeChain();
    expect(chain.host.check(chain.tx(alice, plan(3)), 'new').log).to.equal(
      'actions[0]: plan.height: expected a height above 3, got 3',
    );
    const fresh = await makeChain();
    const results = await fresh.act(
      plan(30),
      plan(40, { mode: 'lazy' }, { params: { blockComputrons: 7 } }),
      { type: 'cancelUpgrade', name: 'three' },
      plan(50, { exempt: ['nobody'] }),
    );
    expect(results).to.eql([
      { state: 'fulfilled', value: null },
      { state: 'fulfilled', value: null },
      { state: 'rejected', value: 'no upgrade "three" is planned' },
      {
        state: 'rejected',
        value: 'plan.restart.exempt: "nobody" is not the name or vatID of a live vat',
      },
    ]);
    expect(fresh.query('/plan')).to.include({ height: 40 });
    const other = signTransaction(
      { sequence: 1, actions: [{ ...plan(60), plan: { ...plan(60).plan, name: 'three' } }] },
      { chainID: CHAIN_ID, key: alice },
    );
    expect(fresh.host.check(other, 'new').log).to.equal(
      'actions[0]: plan.name: the upgrade "two" is planned at height 40; cancel it first',
    );
    const [cancelled] = await makeCancel(fresh);
    expect(cancelled).to.eql({ state: 'fulfilled', value: null });
    expect(fresh.query('/plan')).to.equal(null);
  });

  for (const mode of ['eager', 'lazy', 'rolling'] as const) {
    it(`(${mode}) suspends a vat that can't start, goes on, and a proposal mends it`, async () => {
      const bundle = await bundleOfFixture('mended');
      const chain = await makeChain({ fragile: true });
      await chain.act(
        message('fragile', 'break'),
        plan(4, { mode }, { params: { blockComputrons: 50_000_000 } }),
        message('app', 'add', 1),
      );
      await chain.block(...actionsForBundle(bundle).map(chunk => chain.tx(alice, chunk)));
      const { appVersion } = await upgrade(chain);
      expect(appVersion).to.equal(2n);
      expect(chain.query('/params')).to.include({ blockComputrons: 50_000_000 });
      // Its messages wait, and other vats go on.
      const [pinged, added] = await chain.act(message('fragile', 'ping'), message('app', 'add', 1));
      expect(added).to.eql({ state: 'fulfilled', value: 2 });
      expect(pinged).to.have.property('state', 'pending');
      const bundleID = `b1-${String(bundle.endoZipBase64Sha512)}`;
      const code = `({ vats }) => E(vats.vatAdmin).upgradeStaticVat('v8', null, '${bundleID}', {})`;
      const [mended] = await chain.act({
        type: 'propose',
        code,
        permits: { vats: { vatAdmin: true } },
      });
      expect(mended).to.have.property('state', 'fulfilled');
      expect(await chain.act(message('fragile', 'ping'))).to.eql([
        { state: 'fulfilled', value: 'mended' },
      ]);
    });
  }

  it('drains the run-queue in the block before it, within its limit, and says what is left', async () => {
    const params = { blockComputrons: 500_000, drainComputrons: 600_000 };
    const chain = await makeChain({ params });
    await chain.act(plan(chain.height + 2));
    const { events } = await chain.block(chain.tx(alice, message('app', 'spin', 60)));
    const drain = events.find(({ type }) => type === 'swingset_drain');
    const { upgrade: name, left } = Object.fromEntries(drain!.attributes);
    expect(name).to.equal('two');
    expect(Number(left)).to.be.above(0);
  });
});

const makeCancel = (chain: Chain) => chain.act({ type: 'cancelUpgrade', name: 'two' });
