import { expect } from 'chai';
import { RequestFinalizeBlock } from 'cosmjs-types/tendermint/abci/types.js';
import { finalizeBlock } from '../../../lib/abci/answer-block.js';
import { encodeResponse } from '../../../lib/abci/codec.js';
import { signTransaction } from '../../../lib/host/transactions/transaction.js';
import {
  actionsOf,
  alice,
  bob,
  carol,
  CHAIN_ID,
  hex,
  makeBlock,
  makeChain,
  message,
  type Chain,
} from './support.js';

const checkOf = (chain: Chain, tx: Uint8Array) => {
  const { code, log } = chain.host.check(tx, 'new');
  return { code, log };
};

describe('the limits of a chain', () => {
  it('carry work that a budget leaves over to the next blocks', async () => {
    const chain = await makeChain({ params: { blockComputrons: 1_000_000 } });
    const { txResults } = await chain.block(
      chain.tx(alice, message('app', 'spin', 30), message('app', 'add', 1)),
    );
    const [spin, add] = actionsOf(txResults[0]!);
    expect(chain.result(spin!).state).to.equal('pending');
    expect(chain.query('/queues')).to.eql({ priority: 0, ordinary: 1 });
    let blocks = 0;
    while (chain.result(spin!).state === 'pending') {
      await chain.block();
      blocks += 1;
      expect(blocks).to.be.below(30);
    }
    expect(blocks).to.be.above(3);
    expect(chain.result(spin!)).to.eql({ state: 'fulfilled', value: 0 });
    while (chain.result(add!).state === 'pending') await chain.block();
    expect(chain.query('/queues')).to.eql({ priority: 0, ordinary: 0 });
    const { appHash } = chain.host.info();
    expect(hex((await chain.block()).appHash)).to.equal(hex(appHash));
  });

  it('refuse transactions when the queues are full, in all and of one sender', async () => {
    const params = { blockComputrons: 1, maxQueueLength: 5, maxQueuePerSender: 3 };
    const chain = await makeChain({ params });
    const add = message('app', 'add', 1);
    const first = chain.tx(alice, add, add);
    const second = chain.tx(alice, add, add);
    expect(checkOf(chain, first)).to.eql({ code: 0, log: '' });
    const ofOne = `2 actions of ${alice.address} wait, and no more than 3 of one sender may. Send it again later`;
    expect(checkOf(chain, second)).to.eql({ code: 6, log: ofOne });
    const others = chain.tx(bob, add, add, add);
    expect(checkOf(chain, others)).to.eql({ code: 0, log: '' });
    const third = chain.tx(carol, add);
    const inAll =
      'the queues are full: 5 actions wait, and no more than 5 may. Send it again later';
    expect(checkOf(chain, third)).to.eql({ code: 6, log: inAll });
    const { txResults } = await chain.block(first, second, others, third);
    // Blocks judge as checks do.
    expect(txResults.map(({ code, log }) => ({ code, log }))).to.eql([
      { code: 0, log: '' },
      { code: 6, log: ofOne },
      { code: 0, log: '' },
      { code: 6, log: inAll },
    ]);
    // One action was performed. The queues are state: checks after the commit find the others.
    expect(chain.query(`/account/${alice.address}`)).to.include({ sequence: 1, queued: 1 });
    expect(checkOf(chain, second).log).to.equal(inAll.replace('5', '4'));
  });

  it('refuse what is no transaction of this chain, naming field and value', async () => {
    const chain = await makeChain({ params: { maxTxBytes: 1_000, maxProposalLength: 20 } });
    const good = chain.tx(bob, message('app', 'add', 1));
    const text = Buffer.from(good).toString();
    const refusals = [
      [Buffer.from('{'), 1, /JSON/],
      [Buffer.from(text.replace('add', 'sub')), 2, /signature/],
      [Buffer.from(` ${text}`), 1, /canonical|form/],
      [chain.tx(carol, message('app', 'echo', 'x'.repeat(2_000))), 3, /at most 1000 bytes/],
    ] as const;
    for (const [bytes, code, log] of refusals) {
      const verdict = checkOf(chain, bytes);
      expect(verdict.code).to.equal(code);
      expect(verdict.log).to.match(log);
    }
    const role = checkOf(chain, chain.priorityTx(bob, message('app', 'add', 1)));
    // The account's next transaction is still the first one.
    expect(role).to.eql({ code: 4, log: `sequence: expected 0 of ${bob.address}, got 1` });
    const proposal = chain.tx(alice, { type: 'propose', code: 'powers => powers.vats' });
    expect(checkOf(chain, proposal)).to.eql({
      code: 7,
      log: 'actions[0]: code: expected at most 20 characters, got 21',
    });
  });

  it('let only those act who have the role', async () => {
    const chain = await makeChain();
    const needed = [
      [
        'install',
        {
          type: 'installBundle',
          bundleID: `b1-${'0'.repeat(128)}`,
          chunk: 0,
          chunks: 1,
          size: 3,
          bytes: 'AAAA',
        },
      ],
      ['propose', { type: 'propose', code: '() => 1' }],
      ['upgrade', { type: 'scheduleUpgrade', plan: { name: 'two', height: 9, info: '' } }],
      ['upgrade', { type: 'cancelUpgrade', name: 'two' }],
      ['validators', { type: 'validator', publicKey: '00'.repeat(32), power: 1 }],
      ['bridge', { type: 'bridge', port: 'p', message: 1 }],
    ] as const;
    for (const [role, action] of needed) {
      const tx = signTransaction(
        { sequence: 0, actions: [action] },
        { chainID: CHAIN_ID, key: bob },
      );
      expect(checkOf(chain, tx)).to.eql({
        code: 5,
        log: `sender: ${bob.address} does not have the role "${role}"`,
      });
    }
    expect(chain.query('/roles')).to.have.all.keys(alice.address);
  });

  it('keep so many results, and forget promises that nobody resolves', async () => {
    const chain = await makeChain({ params: { maxPendingResults: 2, maxResults: 6 } });
    const never = message('app', 'never');
    const { txResults } = await chain.block(chain.tx(alice, never, never, never));
    const [first, second, third] = actionsOf(txResults[0]!);
    const states = () => [first, second, third].map(id => chain.result(id!).state);
    expect(states()).to.eql(['forgotten', 'pending', 'pending']);
    for (let count = 0; count < 5; count += 1) await chain.act(message('app', 'add', 1));
    expect(() => chain.result(first!)).to.throw(`8: result: there is none of action ${first}`);
    expect(() => chain.result(second!)).to.throw('there is none');
    expect(chain.result(third!).state).to.equal('pending');
    await chain.act(message('app', 'add', 1));
    expect(() => chain.result(third!)).to.throw('there is none');
  });

  it('let vats put out so much in a block, and the rest in later ones', async () => {
    const chain = await makeChain();
    const flood = (count: number) => message('app', 'flood', count, 1_000_000);
    const add = message('app', 'add', 1);
    const { events, txResults } = await chain.block(chain.tx(alice, flood(11), flood(60), add));
    expect(JSON.stringify(events).length).to.be.within(11_000_000, 11_500_000);
    const [, tooMuch, added] = actionsOf(txResults[0]!);
    expect(chain.result(tooMuch!).state).to.equal('queued');

    // The calls that go too far fail. What the engine gets is below its limit, 104,857,600 bytes.
    const { height, ...block } = makeBlock(chain.height, []);
    const request = { ...block, txs: [...block.txs], height: BigInt(height) };
    const answer = await finalizeBlock(chain.host, {
      ...RequestFinalizeBlock.fromPartial({}),
      ...request,
    });
    expect(encodeResponse(answer).length).to.be.within(49_000_000, 51_000_000);
    await chain.host.commit();
    chain.height += 1;
    expect((await chain.settle(tooMuch!)).state).to.equal('rejected');
    expect((await chain.settle(added!)).state).to.equal('fulfilled');
  });

  it('keep a note in place of a result that is too long', async () => {
    const chain = await makeChain({ params: { maxResultLength: 50 } });
    expect(await chain.act(message('app', 'big', 60), message('app', 'big', 3))).to.eql([
      { state: 'fulfilled', value: { '@tooLong': 62 } },
      { state: 'fulfilled', value: 'xxx' },
    ]);
  });
});

describe('check', () => {
  it('counts what waits: the sequence of an account goes on before the commit', async () => {
    const chain = await makeChain();
    const [first, second, third] = [1, 2, 3].map(n => chain.tx(bob, message('app', 'add', n)));
    expect(checkOf(chain, second!)).to.have.property('code', 4);
    expect(checkOf(chain, first!)).to.have.property('code', 0);
    expect(checkOf(chain, second!)).to.have.property('code', 0);
    expect(checkOf(chain, second!).log).to.include('expected 2');
    await chain.block(first!);
    // What waits is checked again after each commit, in order.
    expect(chain.host.check(second!, 'recheck').code).to.equal(0);
    expect(chain.host.check(third!, 'new').code).to.equal(0);
  });

  it('gives priority to those who may have it', async () => {
    const chain = await makeChain();
    const urgent = chain.host.check(chain.priorityTx(alice, message('app', 'add', 1)), 'new');
    expect(urgent).to.include({ code: 0, priority: 1n, sender: alice.address });
    const usual = chain.host.check(chain.tx(bob, message('app', 'add', 1)), 'new');
    expect(usual).to.include({ code: 0, priority: 0n });
    const refused = chain.host.check(chain.priorityTx(carol, message('app', 'add', 1)), 'new');
    expect(refused.log).to.equal(`sender: ${carol.address} does not have the role "priority"`);
  });
});
