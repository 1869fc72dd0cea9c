/** Each proposal runs in a vat of its own, which ends with its result and takes nobody along. */
import { expect } from 'chai';
import type { VatAnswer } from '../../../lib/host/block-host/queries/vats.js';
import type { Action } from '../../../lib/host/transactions/action-types.js';
import {
  actionsOf,
  alice,
  bob,
  GENESIS_TIME,
  hex,
  makeChain,
  message,
  type Chain,
} from './support.js';

const propose = (code: string, permits?: Record<string, unknown>): Action => ({
  type: 'propose',
  code,
  ...(permits && { permits }),
});
const add = message('app', 'add', 1);
const TERMINATED =
  'the vat of the proposal was terminated: the code looped, took too much memory or stack, made an illegal syscall, or was under way at an upgrade';

/** Names of vats of proposals that have not ended. */
const proposalVats = (chain: Chain): readonly string[] =>
  (chain.query('/vats?limit=1000') as { vats: readonly VatAnswer[] }).vats
    .map(vat => ('name' in vat && vat.name) || '')
    .filter(name => name.startsWith('proposal-'));

const send = async (chain: Chain, ...actions: Action[]): Promise<readonly string[]> => {
  const { txResults } = await chain.block(chain.tx(alice, ...actions));
  return actionsOf(txResults[0]!);
};

/** Under way until the block of height 8, or a later one if the budget is small. */
const wait = propose(`async ({ timer }) => {
  let wake;
  const woken = new Promise(resolve => { wake = resolve; });
  await E(timer).setWakeup(${GENESIS_TIME + 8n}n, Far('handler', { wake: () => wake('woken') }));
  return woken;
}`);

describe('a proposal', () => {
  let chain: Chain;
  before(async () => {
    chain = await makeChain();
  });

  it('has its vat while it is under way', async () => {
    const before = proposalVats(chain);
    const never = 'async ({ vats }) => E(vats.app).never()';
    const [id] = await send(chain, propose(never));
    expect(before).to.eql([]);
    expect(chain.result(id!)).to.include({ state: 'pending' });
    expect(proposalVats(chain)).to.eql([`proposal-${id}`]);
  });

  it('that fails is rejected with its reason, and ends its vat', async () => {
    const before = proposalVats(chain);
    const results = await chain.act(
      propose('() => { throw Error("at once"); }'),
      propose('async ({ vats }) => E(vats.app).fail("", "far away")'),
      propose('async () => { throw harden({ code: 7 }); }'),
      propose('7'),
      propose('() => () => 1'),
    );
    expect(results.slice(0, 4)).to.eql([
      { state: 'rejected', value: 'at once' },
      { state: 'rejected', value: 'far away' },
      { state: 'rejected', value: '{"code":7}' },
      { state: 'rejected', value: 'the code must be a function expression' },
    ]);
    expect(results[4]).to.have.property('state', 'rejected');
    expect(proposalVats(chain)).to.eql(before);
  });

  it('is one of many in a block, each with its own globals', async () => {
    const before = proposalVats(chain);
    const count = propose(
      '() => { globalThis.count = (globalThis.count ?? 0) + 1; return count; }',
    );
    const txs = [alice, alice].map(key => chain.tx(key, count, add, count));
    const { txResults } = await chain.block(...txs, chain.tx(bob, add));
    const values = txResults.flatMap(actionsOf).map(id => chain.result(id).value);
    expect(values).to.eql([1, 1, 1, 1, 2, 1, 3]);
    expect(proposalVats(chain)).to.eql(before);
  });

  it('waits for what it publishes and grants, and fails with it', async () => {
    expect(
      await chain.act(
        propose('({ publish, lookup }) => { publish("copy", lookup("app")); }'),
        propose('({ grantPowers, lookup }) => { grantPowers({ app: lookup("copy") }); }'),
        propose('({ app }) => E(app).echo("", 1)', { app: true }),
        propose(
          'async ({ unpublish, lookup }) => { await unpublish("copy"); return lookup("copy"); }',
        ),
        propose('({ publish, lookup }) => { publish("none", lookup("copy")); }'),
        propose('({ unpublish }) => { unpublish("copy"); }'),
        propose('({ publish }) => { publish("", 1); }'),
        propose('({ publish }) => { publish("one", 1); }'),
        propose('({ grantPowers }) => { grantPowers({ later: new Promise(() => {}) }); }'),
      ),
    ).to.eql([
      { state: 'fulfilled', value: { '@undefined': true } },
      { state: 'fulfilled', value: { '@undefined': true } },
      { state: 'fulfilled', value: ['', 1] },
      { state: 'rejected', value: 'no facet "copy" is published' },
      { state: 'rejected', value: 'no facet "copy" is published' },
      { state: 'rejected', value: 'no facet "copy" is published' },
      { state: 'rejected', value: 'a name must be a text of 1 to 256 characters' },
      { state: 'rejected', value: 'publish("one"): a facet must be an object of a vat' },
      { state: 'pending', value: undefined },
    ]);
  });

  it('can not publish or grant an object that would end with its vat', async () => {
    const problem = 'the object ends with the vat of this proposal; make a vat for what shall last';
    expect(
      await chain.act(
        propose('({ publish }) => { publish("own", Far("own", {})); }'),
        propose('({ publish }) => { publish("own", Promise.resolve(Far("own", {}))); }'),
        propose('({ grantPowers }) => { grantPowers({ own: { list: [Far("own", {})] } }); }'),
        message('own', 'hello'),
      ),
    ).to.eql([
      { state: 'rejected', value: `publish("own"): ${problem}` },
      { state: 'rejected', value: `publish("own"): ${problem}` },
      { state: 'rejected', value: `grantPowers("own"): ${problem}` },
      { state: 'rejected', value: 'no facet "own" is published' },
    ]);
  });

  it('goes on over blocks, crashes and reopenings, alike on all nodes', async () => {
    const tell = async (disturb: (told: Chain, at: number) => Promise<void>) => {
      const told = await makeChain({
        params: { blockComputrons: 300_000 },
        // More cranks, and so more blocks.
        config: { defaultReapInterval: 1 },
      });
      const [id] = await send(told, wait, add);
      const states: string[] = [];
      const hashes: string[] = [];
      for (let at = 0; at < 13; at += 1) {
        await disturb(told, at);
        hashes.push(hex((await told.block()).appHash));
        states.push(told.result(id!).state);
      }
      expect(states.slice(0, 4)).to.eql(states.slice(0, 4).map(() => 'pending'));
      expect(told.result(id!)).to.eql({ state: 'fulfilled', value: 'woken' });
      expect(proposalVats(told)).to.eql([]);
      return hashes;
    };
    const quiet = await tell(async () => undefined);
    const disturbed = await tell(async (told, at) => {
      if (at === 1 || at === 7) await told.crash();
      else if (at === 4) await told.reopen({ maxVatsOnline: 1 });
    });
    expect(disturbed).to.eql(quiet);
  });
});

for (const mode of ['eager', 'lazy'] as const) {
  describe(`a proposal under way at an upgrade (${mode})`, () => {
    it('is rejected, its vat ends, and the next one works', async () => {
      const chain = await makeChain();
      const plan = { name: 'two', height: chain.height + 2, info: '', restart: { mode } };
      const [id] = await send(chain, propose('async ({ vats }) => E(vats.app).never()'), {
        type: 'scheduleUpgrade',
        plan,
      });
      await chain.block();
      expect(proposalVats(chain)).to.eql([`proposal-${id}`]);
      await chain.reopen({ platformEpoch: 'two' });
      await chain.block();
      // In the mode `lazy`, the chain vat starts with this message.
      expect(await chain.act(propose('() => "next"'), add)).to.eql([
        { state: 'fulfilled', value: 'next' },
        { state: 'fulfilled', value: 1 },
      ]);
      const { state, value } = chain.result(id!);
      expect(state).to.equal('rejected');
      expect(value).to.match(/"name":"vatUpgraded"|^the vat of the proposal was terminated/);
      expect(proposalVats(chain)).to.eql([]);
    });
  });
}

describe('a proposal that uses too much', () => {
  const greedy: Record<string, string> = {
    loop: '() => { for (;;); }',
    'later loop': 'async () => { await null; for (;;); }',
    stack: '() => { const dig = () => 1 + dig(); return dig(); }',
    memory: '() => new ArrayBuffer(1_300_000_000)',
    result: '() => "x".repeat(20_000_000)',
    records: '() => harden(Array.from({ length: 500_000 }, (_, index) => ({ index })))',
  };
  it('is rejected, and neither the chain vat nor others notice', async () => {
    const chain = await makeChain({ worker: 'xsnap' });
    let count = 0;
    for (const [name, code] of Object.entries(greedy)) {
      count += 1;
      const [spent, alive, added] = await send(chain, propose(code), propose('() => "alive"'), add);
      const { state, value } = await chain.settle(spent!);
      expect(state, name).to.equal('rejected');
      // XS can't harden that many records, which the code is told.
      if (name !== 'records') expect(value, name).to.equal(TERMINATED);
      expect(await chain.settle(alive!), name).to.eql({ state: 'fulfilled', value: 'alive' });
      expect(await chain.settle(added!), name).to.eql({ state: 'fulfilled', value: count });
      expect(proposalVats(chain), name).to.eql([]);
    }
  });
});
