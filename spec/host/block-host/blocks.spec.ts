import { expect } from 'chai';
import {
  actionsOf,
  alice,
  bob,
  GENESIS_TIME,
  hex,
  initRequest,
  makeBlock,
  makeChain,
  makeGenesis,
  makeHome,
  message,
  open,
  type Chain,
} from './support.js';
import { busyBlocks, smallBudget } from './busy-blocks.js';

const rejection = async (promise: Promise<unknown>): Promise<Error & { code?: string }> => {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw Error('it did not fail');
};

describe('blocks of a chain', () => {
  let chain: Chain;
  before(async () => {
    chain = await makeChain();
  });

  it('deliver messages, with the address of the sender first', async () => {
    const { txResults, appHash } = await chain.block(
      chain.tx(alice, message('app', 'add', 2), message('app', 'add', 3)),
      chain.tx(bob, message('app', 'echo', { a: [1, null] })),
    );
    expect(txResults.map(({ code }) => code)).to.eql([0, 0]);
    const [one, two] = actionsOf(txResults[0]!);
    expect(chain.result(one!)).to.eql({ state: 'fulfilled', value: 2 });
    expect(chain.result(two!)).to.eql({ state: 'fulfilled', value: 5 });
    const [three] = actionsOf(txResults[1]!);
    const value = [bob.address, { a: [1, null] }];
    expect(chain.result(three!)).to.eql({ state: 'fulfilled', value });
    expect(chain.host.info()).to.deep.include({ height: 2, appHash });
  });

  it('note what a vat answers, and that a facet does not exist', async () => {
    const results = await chain.act(
      message('app', 'fail', 'no such luck'),
      message('nobody', 'add', 1),
      message('app', 'noSuchMethod'),
    );
    expect(results[0]).to.eql({ state: 'rejected', value: 'no such luck' });
    expect(results[1]).to.eql({
      state: 'rejected',
      value: 'no facet "nobody" is published',
    });
    expect(results[2]).to.have.property('state', 'rejected');
  });

  it('leave the app hash as it is when they have nothing to do', async () => {
    const before = chain.host.info();
    const { appHash } = await chain.block();
    await chain.block();
    expect(hex(appHash)).to.equal(hex(before.appHash));
    expect(chain.host.info()).to.deep.include({ height: before.height + 2, appHash });
  });

  it('are executed once when they are asked for twice, and answered alike for good', async () => {
    const tx = chain.tx(alice, message('app', 'add', 10));
    const block = makeBlock(chain.height, [tx]);
    const first = await chain.host.executeBlock(block);
    expect(await chain.host.executeBlock(block)).to.eql(first);
    await chain.host.commit();
    expect(await chain.host.executeBlock(block)).to.eql(first);
    // The engine commits again what it asked for again.
    await chain.host.commit();
    await chain.reopen();
    expect(await chain.host.executeBlock(block)).to.eql(first);
    expect(chain.host.info()).to.deep.include({ height: block.height, appHash: first.appHash });
    chain.height += 1;
    const [{ value }] = (await chain.act(message('app', 'add', 0))) as [{ value: number }];
    expect(value).to.equal(15);
    // The sequence tells a transaction that comes again from a new one.
    const { txResults } = await chain.block(tx);
    expect(txResults[0]).to.include({ code: 4 });
    expect(txResults[0]!.log).to.match(
      /^sequence: expected [0-9]+ of swing1[0-9a-f]{40}, got [0-9]+$/,
    );
  });

  it('come in the order of their heights', async () => {
    const { height } = chain;
    for (const given of [height - 2, height + 1]) {
      const error = await rejection(chain.host.executeBlock(makeBlock(given, [])));
      expect(error).to.have.property('code', 'HEIGHT');
      expect(error.message).to.include(`block ${given} is out of order: the next one is ${height}`);
    }
    const other = makeBlock(height - 1, [Buffer.from('another block')]);
    const error = await rejection(chain.host.executeBlock(other));
    expect(error).to.have.property('code', 'OTHER_BLOCK');
  });

  it('give way to another block of the same height while they are not committed', async () => {
    const { height } = chain;
    const lost = await chain.host.executeBlock(
      makeBlock(height, [chain.tx(alice, message('app', 'add', 100))]),
    );
    const empty = await chain.host.executeBlock(makeBlock(height, []));
    expect(hex(empty.appHash)).to.not.equal(hex(lost.appHash));
    expect(hex(empty.appHash)).to.equal(hex(chain.host.info().appHash));
    await chain.host.commit();
    chain.height += 1;
  });

  it('let check, info and query answer from the last commit while they are executed', async () => {
    const fresh = await makeChain();
    const before = fresh.host.info();
    const tx = fresh.tx(alice, message('app', 'add', 1));
    const second = fresh.tx(alice, message('app', 'add', 1));
    const executing = fresh.host.executeBlock(makeBlock(fresh.height, [tx]));
    expect(fresh.host.info()).to.eql(before);
    expect(fresh.host.check(tx, 'new')).to.include({ code: 0, sender: alice.address });
    expect(fresh.host.check(second, 'new')).to.include({ code: 0 });
    expect(fresh.query(`/account/${alice.address}`)).to.include({ sequence: 0 });
    await executing;
    expect(fresh.host.info()).to.eql(before);
    expect(fresh.query(`/account/${alice.address}`)).to.include({ sequence: 0 });
    await fresh.host.commit();
    expect(fresh.query(`/account/${alice.address}`)).to.include({ sequence: 1 });
    expect(fresh.host.check(tx, 'recheck')).to.include({ code: 4 });
    expect(fresh.host.check(second, 'recheck')).to.include({ code: 0 });
  });

  it('let outputs of devices out after the commit, and never before', async () => {
    const fresh = await makeChain();
    const tx = fresh.tx(alice, message('app', 'output', 'dibc', { hello: 1 }));
    const { events } = await fresh.host.executeBlock(makeBlock(fresh.height, [tx]));
    expect(fresh.outputs).to.eql([]);
    expect(events.find(({ type }) => type === 'swingset_bridge')?.attributes).to.eql([
      ['port', 'dibc'],
      ['message', '{"hello":1}'],
    ]);
    await fresh.host.commit();
    expect(fresh.outputs).to.eql([{ type: 'bridge', port: 'dibc', message: { hello: 1 } }]);
  });

  it('poll the timer when a deadline is due, and otherwise only when there is work', async () => {
    const fresh = await makeChain();
    const due = GENESIS_TIME + 20n;
    await fresh.act(message('app', 'alarm', Number(due)));
    const { appHash } = fresh.host.info();
    // Idle: no time is written.
    const idle = makeBlock(fresh.height, [], due - 1n);
    expect(hex((await fresh.host.executeBlock(idle)).appHash)).to.equal(hex(appHash));
    await fresh.host.commit();
    fresh.height += 1;
    const waking = makeBlock(fresh.height, [], due + 3n);
    expect(hex((await fresh.host.executeBlock(waking)).appHash)).to.not.equal(hex(appHash));
    await fresh.host.commit();
    fresh.height += 1;
    const log = makeBlock(fresh.height, [fresh.tx(alice, message('app', 'log'))], due + 4n);
    const { txResults } = await fresh.host.executeBlock(log);
    await fresh.host.commit();
    const [id] = actionsOf(txResults[0]!);
    expect(fresh.result(id!).value).to.eql([`woken ${due + 3n}`]);
  });

  it('forget the wakeups and results of a block that another one replaced', async () => {
    const fresh = await makeChain();
    const { appHash, height } = fresh.host.info();
    const due = GENESIS_TIME + 10n;
    const txs = [fresh.tx(alice, message('app', 'alarm', Number(due)), message('app', 'never'))];
    await fresh.host.executeBlock(makeBlock(height + 1, txs));
    for (const next of [height + 1, height + 2]) {
      const idle = makeBlock(next, [], due + BigInt(next));
      expect(hex((await fresh.host.executeBlock(idle)).appHash)).to.equal(hex(appHash));
      await fresh.host.commit();
    }
  });
});

describe('the order in a block', () => {
  it('is: what was left over, priority, the timer, ordinary actions', async () => {
    const chain = await makeChain({ params: { blockComputrons: 1_000_000 } });
    const due = chain.height + 6;
    await chain.block(chain.tx(alice, message('app', 'alarm', Number(GENESIS_TIME) + due)));
    while (chain.height < due - 1) await chain.block();
    // Uses up the budget of its block and more, and leaves a message to itself.
    await chain.block(chain.tx(bob, message('app', 'spin', 15), message('app', 'add', 1)));
    await chain.block(
      chain.tx(bob, message('app', 'add', 2)),
      chain.priorityTx(alice, message('app', 'add', 3)),
    );
    const { txResults } = await chain.block(chain.tx(alice, message('app', 'log')));
    const { value: log } = await chain.settle(actionsOf(txResults[0]!)[0]!);
    const who = { a: alice.address.slice(0, 10), b: bob.address.slice(0, 10) };
    const [, woken] = log as string[];
    expect(log).to.eql([`${who.a} +3`, woken, `${who.b} +1`, `${who.b} +2`]);
    expect(woken).to.match(/^woken /);
  });
});

describe('equal blocks', () => {
  it('give equal app hashes in a replay from the genesis, which an engine may ask for twice', async () => {
    const chain = await makeChain({ params: smallBudget });
    const blocks: Uint8Array[][] = Array.from({ length: chain.height - 1 }, () => []);
    const hashes: string[] = [];
    for (const txs of busyBlocks(chain)) {
      blocks.push([...txs]);
      hashes.push(hex((await chain.block(...txs)).appHash));
    }
    const host = await open(makeHome());
    const request = initRequest(await makeGenesis({ params: smallBudget }));
    const { appHash } = await host.init(request);
    expect(host.info()).to.deep.include({ height: 0, appHash });
    expect(hex((await host.init(request)).appHash)).to.equal(hex(appHash));
    const again: string[] = [];
    for (const [index, txs] of blocks.entries()) {
      again.push(hex((await host.executeBlock(makeBlock(index + 1, txs))).appHash));
      await host.commit();
    }
    expect(again.slice(-hashes.length)).to.eql(hashes);
    const error = await rejection(host.init(request));
    expect(error).to.have.property('code', 'CHAIN_EXISTS');
  });

  it('begin at the initial height of the genesis', async () => {
    const host = await open(makeHome());
    const early = await rejection(host.executeBlock(makeBlock(1, [])));
    expect(early).to.have.property('code', 'NO_CHAIN');
    expect(host.check(new Uint8Array(), 'new')).to.include({ code: 10 });
    await host.init(initRequest(await makeGenesis({ params: smallBudget }), 40));
    expect(host.info()).to.include({ height: 0 });
    const error = await rejection(host.executeBlock(makeBlock(1, [])));
    expect(error.message).to.include('the next one is 40');
    await host.executeBlock(makeBlock(40, []));
    await host.commit();
    expect(host.info()).to.include({ height: 40 });
  });
});
