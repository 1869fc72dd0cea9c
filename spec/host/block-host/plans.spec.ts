/** Plans at the edges: near their height, for vats that go, on nodes that skip heights. */
import { cpSync } from 'node:fs';
import { expect } from 'chai';
import type { LocalOptions } from '../../../lib/host/block-host/local-options.js';
import type { Action, UpgradePlan } from '../../../lib/host/transactions/action-types.js';
import { actionsForBundle } from '../../../lib/host/transactions/bundle-chunks.js';
import { signTransaction } from '../../../lib/host/transactions/transaction.js';
import {
  actionsOf,
  alice,
  bundleOfFixture,
  CHAIN_ID,
  hex,
  makeBlock,
  makeChain,
  makeHome,
  message,
  open,
  type Chain,
} from './support.js';

const plan = (height: number, more: Partial<UpgradePlan> = {}): Action => ({
  type: 'scheduleUpgrade',
  plan: { name: 'two', height, info: '', ...more },
});
const propose = (code: string): Action => ({ type: 'propose', code });
const add = message('app', 'add', 1);

describe('a plan', () => {
  let chain: Chain;
  let upgradeHeight: number;

  /** Alice's next transaction, which her wallet does not count. */
  const trial = (action: Action): Uint8Array => {
    const { sequence } = chain.query(`/account/${alice.address}`) as { sequence: number };
    return signTransaction({ sequence, actions: [action] }, { chainID: CHAIN_ID, key: alice });
  };
  const logOf = (action: Action): string => chain.host.check(trial(action), 'new').log;

  before(async () => {
    chain = await makeChain({ params: { maxResults: 40 } });
    const chunks = actionsForBundle(await bundleOfFixture('mended'));
    await chain.act(
      ...chunks,
      propose(`async ({ vatAdmin, publish }) => {
        const bundle = await E(vatAdmin).getBundleCap('${chunks[0]!.bundleID}');
        const { adminNode } = await E(vatAdmin).createVat(bundle, { name: 'guest' });
        publish('guestAdmin', adminNode);
      }`),
      ...Array.from({ length: 30 }, () => add),
    );
    upgradeHeight = chain.height + 3;
  });

  it('is for a height above the next, and names no epoch that the chain has had', () => {
    const { height } = chain;
    expect(logOf(plan(height + 1))).to.equal(
      `actions[0]: plan.height: expected a height above ${height + 1}, got ${height + 1}`,
    );
    expect(logOf(plan(height + 9, { name: 'one' }))).to.equal(
      'actions[0]: plan.name: the chain has had the platform epoch "one"',
    );
    for (const name of ['', 'a\nb', '\u0000', 'ü', 'x'.repeat(257)]) {
      expect(() => trial(plan(height + 9, { name })), JSON.stringify(name)).to.throw(
        'body.actions[0].plan.name: expected the name of an upgrade, 1 to 256 printable ASCII',
      );
    }
    expect(logOf(plan(height + 2))).to.equal('');
  });

  it('may exempt a vat that is gone at its height', async () => {
    const more = { restart: { exempt: ['guest', 'app'] }, params: { maxResults: 5 } };
    const code =
      '({ lookup }) => E(lookup("guestAdmin")).terminateWithFailure(Error("it is over"))';
    const [scheduled, ended] = await chain.act(plan(upgradeHeight, more), propose(code));
    expect(scheduled).to.have.property('state', 'fulfilled');
    expect(ended).to.have.property('state', 'fulfilled');
    expect(logOf(plan(upgradeHeight, more))).to.equal('');
  });

  it('is neither cancelled nor changed in the block before its height', async () => {
    await chain.block();
    expect(chain.height).to.equal(upgradeHeight - 1);
    const near = `actions[0]: plan.name: the upgrade "two" at height ${upgradeHeight} is too near to be changed`;
    expect(logOf(plan(upgradeHeight + 9))).to.equal(near);
    const { txResults } = await chain.block(
      trial(plan(upgradeHeight + 9)),
      chain.tx(alice, { type: 'cancelUpgrade', name: 'two' }, add),
    );
    expect(txResults[0]).to.include({ code: 7, log: near });
    const [cancelled] = actionsOf(txResults[1]!);
    expect(chain.result(cancelled!)).to.eql({
      state: 'rejected',
      value: `the upgrade at height ${upgradeHeight} is too near to be cancelled`,
    });
    expect(chain.query('/plan')).to.include({ name: 'two', height: upgradeHeight });
  });

  it('is met alike by nodes that skip other heights, and not by those that skip its own', async () => {
    await chain.host.close();
    const txs = [chain.tx(alice, { type: 'cancelUpgrade', name: 'two' }, add)];
    const block = makeBlock(chain.height, txs);
    const execute = async (platformEpoch: string, options: LocalOptions) => {
      const home = makeHome();
      cpSync(chain.home, home, { recursive: true });
      const host = await open(home, { ...options, platformEpoch });
      const result = await host.executeBlock(block);
      await host.close();
      return result;
    };
    const skipped = await execute('one', { skipUpgradeHeights: [upgradeHeight] });
    const near = [upgradeHeight - 1, upgradeHeight + 1];
    const upgraded = await execute('two', { skipUpgradeHeights: near, maxVatsOnline: 1 });
    chain.host = await open(chain.home, { platformEpoch: 'two' });
    expect(await chain.block(...txs)).to.eql(upgraded);
    expect(hex(skipped.appHash)).to.not.equal(hex(upgraded.appHash));
    const event = upgraded.events.find(({ type }) => type === 'swingset_upgrade');
    expect(Object.fromEntries(event!.attributes)).to.include({ exempt: '1', suspended: '0' });
    const [cancelled, added] = actionsOf(upgraded.txResults[0]!);
    expect(chain.result(cancelled!)).to.eql({
      state: 'rejected',
      value: 'no upgrade "two" is planned',
    });
    expect(chain.result(added!)).to.have.property('state', 'fulfilled');
  });

  it('that lowers the number of results drops all that are too many', async () => {
    const { txResults } = await chain.block(chain.tx(alice, add));
    const [newest] = actionsOf(txResults[0]!);
    const kept = Array.from({ length: Number(newest) }, (_, index) => String(index + 1)).filter(
      id => chain.host.query({ path: `/result/${id}`, data: new Uint8Array() }).code === 0,
    );
    expect(kept).to.eql([4, 3, 2, 1, 0].map(age => String(Number(newest) - age)));
  });
});
