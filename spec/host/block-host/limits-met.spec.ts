/** Transactions at the very limit and one past it, and others who would keep a chain from working. */
import { expect } from 'chai';
import { signTransaction } from '../../../lib/host/transactions/transaction.js';
import type { Action } from '../../../lib/host/transactions/action-types.js';
import {
  actionsOf,
  alice,
  bob,
  carol,
  CHAIN_ID,
  hex,
  makeChain,
  message,
  type Chain,
} from './support.js';

const checkOf = (chain: Chain, tx: Uint8Array) => {
  const { code, log } = chain.host.check(tx, 'new');
  return { code, log };
};

const add = message('app', 'add', 1);
const adds = (count: number): Action[] => Array.from({ length: count }, () => add);

/** A transaction that does not count as the account's next one. */
const trial = (...actions: Action[]) =>
  signTransaction({ sequence: 0, actions }, { chainID: CHAIN_ID, key: carol });

describe('a transaction', () => {
  it('may be as long as the chain allows, and no byte longer', async () => {
    const text = (length: number) => trial(message('app', 'echo', 'x'.repeat(length)));
    const maxTxBytes = text(1_000).length;
    const chain = await makeChain({ params: { maxTxBytes } });
    expect(checkOf(chain, text(1_001))).to.eql({
      code: 3,
      log: `transaction: expected at most ${maxTxBytes} bytes, got ${maxTxBytes + 1} bytes`,
    });
    expect(checkOf(chain, text(1_000))).to.eql({ code: 0, log: '' });
    const { txResults } = await chain.block(text(1_001), text(1_000));
    expect(txResults.map(({ code }) => code)).to.eql([3, 0]);
    const [id] = actionsOf(txResults[1]!);
    expect(chain.result(id!).value).to.eql([carol.address, 'x'.repeat(1_000)]);
  });

  it('may have as many actions as may wait, and is told so if it never fits', async () => {
    const chain = await makeChain({ params: { maxQueuePerSender: 3, maxQueueLength: 4 } });
    const refusal = {
      code: 7,
      log: 'actions: expected at most 3, as many as may wait, got 4. Send them in several transactions',
    };
    expect(checkOf(chain, trial(...adds(4)))).to.eql(refusal);
    const { txResults } = await chain.block(trial(...adds(4)), trial(...adds(3)));
    expect(txResults.map(({ code }) => code)).to.eql([7, 0]);
  });

  it('may have 100 arguments, so many values and 40 levels, and harms no vat', async () => {
    const chain = await makeChain({ params: { maxActionValues: 500 } });
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    const numbers = (length: number) => Array.from({ length }, (_, index) => index);
    expect(() => trial(message('app', 'echo', ...numbers(101)))).to.throw(
      'body.actions[0].args: expected a list of at most 100 arguments',
    );
    // The action itself, its type, `to`, `method`, `args` and the list are six.
    const wide = (length: number) => message('app', 'echo', numbers(length));
    expect(checkOf(chain, trial(add, wide(495)))).to.eql({
      code: 7,
      log: 'actions[1]: expected at most 500 values, got 501',
    });
    const records = Object.fromEntries(numbers(494).map(index => [`name${index}`, index]));
    const [hundred, wideList, wideRecord, deep, deeper] = (await chain.act(
      message('app', 'echo', ...numbers(100)),
      wide(494),
      message('app', 'echo', records),
      message('app', 'echo', nested(36)),
      message('app', 'echo', nested(60)),
    )) as { state: string; value: unknown }[];
    expect(hundred).to.eql({ state: 'fulfilled', value: [alice.address, ...numbers(100)] });
    expect(wideList).to.eql({ state: 'fulfilled', value: [alice.address, numbers(494)] });
    expect(wideRecord).to.eql({ state: 'fulfilled', value: [alice.address, records] });
    expect(deep).to.eql({ state: 'fulfilled', value: [alice.address, nested(36)] });
    expect(deeper).to.have.property('state', 'rejected');
    expect(deeper!.value).to.match(/^BAD_OPTION: args: expected no more than vats can take: depth/);
    expect(await chain.act(add)).to.eql([{ state: 'fulfilled', value: 1 }]);
  });

  it('waits for the ones before it, also in one block', async () => {
    const chain = await makeChain();
    const [first, second, third] = [1, 2, 3].map(n => chain.tx(bob, message('app', 'add', n)));
    const { txResults } = await chain.block(first!, third!, second!, first!, third!);
    expect(txResults.map(({ code }) => code)).to.eql([0, 4, 0, 4, 0]);
    expect(await chain.act(message('app', 'add', 0))).to.eql([{ state: 'fulfilled', value: 6 }]);
  });
});

describe('names that JavaScript has a use for', () => {
  const odd = ['constructor', 'toString', 'hasOwnProperty', 'then', 'valueOf', '__proto__'];
  const propose = (code: string, permits?: Record<string, unknown>): Action => ({
    type: 'propose',
    code,
    ...(permits && { permits }),
  });
  let chain: Chain;
  before(async () => {
    chain = await makeChain();
  });

  it('are names of facets like others', async () => {
    expect(await chain.act(...odd.map(name => message(name, 'add', 1)))).to.eql(
      odd.map(name => ({ state: 'rejected', value: `no facet "${name}" is published` })),
    );
    const code = `({ lookup, publish }) =>
      ${JSON.stringify(odd)}.forEach(name => publish(name, lookup("app")))`;
    const results = await chain.act(propose(code), ...odd.map(name => message(name, 'add', 1)));
    expect(results.slice(1)).to.eql(
      odd.map((_name, index) => ({ state: 'fulfilled', value: index + 1 })),
    );
  });

  it('as methods and powers do no harm', async () => {
    const methods = [...odd, '__defineGetter__', '@@iterator', '#x', '!x', '+1'];
    await chain.act(...methods.map(method => message('app', method, { get: 1 })));
    const names = odd.filter(name => name !== '__proto__');
    expect(await chain.act(...names.map(name => propose('p => p', { [name]: true })))).to.eql(
      names.map(name => ({ state: 'rejected', value: `permits: there is no power "${name}"` })),
    );
    const [, added] = await chain.act(message('app', '__proto__', 1), add);
    expect(added).to.eql({ state: 'fulfilled', value: odd.length + 1 });
  });

  it('in queries name nothing', () => {
    for (const path of ['/constructor', '/__proto__/x', '/toString']) {
      expect(() => chain.query(path)).to.throw('9: path: expected one of /status');
    }
    expect(() => chain.query('/account/__proto__')).to.throw('is no address');
    expect(() => chain.query('/storage/__proto__')).to.throw('nothing is at __proto__');
    expect(() => chain.query('/storage/%E0%A4%A')).to.throw('has a bad escape');
    expect(chain.query('/mailbox/__proto__')).to.eql({ ack: 0, outbox: [] });
  });

  it('as fields of a message arrive, but for __proto__', async () => {
    const value = { constructor: 1, hasOwnProperty: null, then: 'x', '@qclass': 'y', '#z': '#' };
    expect(await chain.act(message('app', 'echo', value))).to.eql([
      { state: 'fulfilled', value: [alice.address, value] },
    ]);
    const proto = JSON.parse('{"__proto__":1}') as unknown;
    expect(() => trial(message('app', 'echo', proto))).to.throw('any name but __proto__');
  });

  it('and others are segments of paths if they have letters, digits, - and _ alone', async () => {
    const set = (path: string, value: unknown = 'x') =>
      message('app', 'output', 'storage', { method: 'set', args: [[path, value]] });
    const good = ['__proto__', 'constructor.prototype', '-', `${'a'.repeat(100)}.b`];
    const bad = ['', '.', 'a.', '.a', 'a..b', 'a/b', 'a b', 'ä', 'a\n', '\0', 'a'.repeat(101), '%'];
    bad.push(Array.from({ length: 501 }, () => 'a').join('.'));
    const results = (await chain.act(...[...good, ...bad].map(path => set(path)), set('n', 1))) as {
      state: string;
    }[];
    const states = results.map(({ state }) => state);
    expect(states.slice(0, good.length)).to.eql(good.map(() => 'fulfilled'));
    expect(states.slice(good.length)).to.eql([...bad, 'n'].map(() => 'rejected'));
    for (const path of good) expect(chain.query(`/storage/${path}`)).to.equal('x');
    expect(chain.query('/storage-children/')).to.eql({
      children: ['-', '__proto__', 'a'.repeat(100), 'constructor'],
      more: false,
    });
  });
});

describe('numbers of a mailbox', () => {
  it('go up to 2^53-1', async () => {
    const chain = await makeChain({ argv: [bob.address] });
    const most = Number.MAX_SAFE_INTEGER;
    const mailbox = (num: number, ack: number) => ({
      type: 'mailbox' as const,
      messages: [[num, `number ${num}`]] as const,
      ack,
    });
    // An ack of what was never sent, and a gap: the vat ignores both or takes both, and goes on.
    const { txResults } = await chain.block(
      chain.tx(bob, mailbox(1, 0)),
      chain.tx(bob, mailbox(most, most)),
    );
    expect(txResults.map(({ code }) => code)).to.eql([0, 0]);
    const { ack } = chain.query(`/mailbox/${bob.address}`) as { ack: number };
    expect([1, most]).to.include(ack);
    expect(await chain.act(add)).to.eql([{ state: 'fulfilled', value: 1 }]);
    for (const num of [0, -1, most + 1]) {
      expect(() => trial(mailbox(num, 0)), String(num)).to.throw('body.actions[0].messages');
    }
    await chain.reopen();
    expect(await chain.act(add)).to.eql([{ state: 'fulfilled', value: 2 }]);
  });
});

describe('vats that never come to rest, and full queues', () => {
  it('do not keep priority actions out', async () => {
    const params = { blockComputrons: 400_000, maxQueueLength: 4, maxQueuePerSender: 4 };
    const chain = await makeChain({ params });
    await chain.block(chain.tx(bob, message('app', 'spin', 1_000_000)));
    await chain.block(chain.tx(bob, ...adds(4)));
    expect(checkOf(chain, trial(add))).to.have.property('code', 6);
    const urgent = (action: Action) => chain.priorityTx(alice, action);
    const txs = [urgent(add), urgent({ type: 'propose', code: '() => "here"' })];
    for (const tx of txs) expect(checkOf(chain, tx)).to.eql({ code: 0, log: '' });
    expect(chain.host.prepare(txs, { height: chain.height, maxBytes: 10_000 })).to.eql(txs);
    const { txResults } = await chain.block(...txs);
    const ids = txResults.flatMap(actionsOf);
    for (let blocks = 0; ids.some(id => chain.result(id).value === undefined); blocks += 1) {
      expect(blocks).to.be.below(20);
      await chain.block();
    }
    expect(ids.map(id => chain.result(id).value)).to.eql([1, 'here']);
    expect(chain.query('/queues')).to.eql({ priority: 0, ordinary: 4 });
    // The priority queue has a limit as well.
    const [most, more] = [chain.priorityTx(alice, ...adds(4)), urgent(add)];
    expect(checkOf(chain, most)).to.have.property('code', 0);
    expect(checkOf(chain, more)).to.have.property('code', 6);
  });
});

describe('validators', () => {
  it('that come and go in one block are no business of the engine', async () => {
    const chain = await makeChain();
    const change = (publicKey: string, power: number): Action => ({
      type: 'validator',
      publicKey,
      power,
    });
    const [first, second, third] = ['09', '0a', '0b'].map(byte => byte.repeat(32));
    const { validatorUpdates } = await chain.block(
      chain.tx(alice, change(second!, 5), change(second!, 0)),
      chain.tx(alice, change(first!, 11), change(first!, 10), change(third!, 3)),
    );
    expect(validatorUpdates.map(({ publicKey, power }) => [hex(publicKey), power])).to.eql([
      [third, 3n],
    ]);
    const removed = await chain.block(chain.tx(alice, change(third!, 0)));
    expect(removed.validatorUpdates.map(({ power }) => power)).to.eql([0n]);
    expect(chain.query('/validators')).to.eql({ [first!]: '10' });
  });
});
