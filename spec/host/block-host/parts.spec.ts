/** Parts of the block host that need no kernel. */
import { expect } from 'chai';
import { BlockRows } from '../../../lib/host/block-host/block-rows.js';
import { makeBlockBudget } from '../../../lib/host/block-host/budget.js';
import { makeCachedDecoder } from '../../../lib/host/block-host/cached-decoder.js';
import { insistOptions } from '../../../lib/host/block-host/local-options.js';
import { withDefaults } from '../../../lib/host/block-host/params.js';
import { fillBlock, refuseBlock } from '../../../lib/host/block-host/proposals.js';
import type { Rows } from '../../../lib/host/block-host/rows.js';
import { judgeSoftware, meetPlan } from '../../../lib/host/block-host/software.js';
import { roles } from '../../../lib/host/block-host/tables/chain.js';
import { readLastBlock, writeLastBlock } from '../../../lib/host/block-host/tables/last-block.js';
import {
  dequeue,
  enqueue,
  queuedInAll,
  queuedOf,
} from '../../../lib/host/block-host/tables/queues.js';
import { storageChildren, writeStorage } from '../../../lib/host/block-host/tables/storage.js';
import { MAX_TRANSACTION_BYTES } from '../../../lib/host/transactions/transaction.js';
import { initSwingStore } from '../../../lib/store/swing-store.js';
import { alice, bob, CHAIN_ID, makeWallet, message } from './support.js';

const makeRows = (): Rows => initSwingStore().hostStorage.kvStore;

const keysOf = (rows: Rows): string[] => {
  const keys = [];
  for (let key = rows.getNextKey('host.'); key; key = rows.getNextKey(key)) keys.push(key);
  return keys;
};

describe('the rows of a block', () => {
  it('cover the rows of the store until they are flushed', () => {
    const base = makeRows();
    for (const key of ['host.a', 'host.b', 'host.d']) base.set(key, 'old');
    const rows = new BlockRows(base);
    rows.set('host.c', 'new');
    rows.set('host.e', 'new');
    rows.delete('host.b');
    rows.delete('host.e');
    rows.set('host.d', 'new');
    expect(keysOf(rows)).to.eql(['host.a', 'host.c', 'host.d']);
    expect(['host.b', 'host.c', 'host.d'].map(key => rows.get(key))).to.eql([
      undefined,
      'new',
      'new',
    ]);
    expect(keysOf(base)).to.eql(['host.a', 'host.b', 'host.d']);
    rows.set('host.a', 'else');
    rows.set('host.a', 'old');
    const written: unknown[] = [];
    rows.flush((key, value) => written.push([key, value]));
    // What is as before is not written.
    expect(written).to.eql([
      ['host.b', undefined],
      ['host.c', 'new'],
      ['host.d', 'new'],
    ]);
  });
});

describe('tables of a chain', () => {
  it('queue actions in order, and leave no row but the next number', () => {
    const rows = makeRows();
    const act = (name: string) => message(name, 'm');
    const ids = [
      enqueue(rows, 'ordinary', alice.address, act('a')),
      enqueue(rows, 'priority', bob.address, act('b')),
      ...Array.from({ length: 10 }, (_, n) => enqueue(rows, 'ordinary', bob.address, act(`c${n}`))),
    ];
    expect(ids).to.eql(Array.from({ length: 12 }, (_, n) => String(n + 1)));
    expect([queuedInAll(rows), queuedOf(rows, bob.address)]).to.eql([12, 11]);
    expect(dequeue(rows, 'priority')).to.eql({ id: '2', sender: bob.address, action: act('b') });
    expect(dequeue(rows, 'priority')).to.equal(undefined);
    const order = [];
    for (let next = dequeue(rows, 'ordinary'); next; next = dequeue(rows, 'ordinary')) {
      order.push(next.id);
    }
    expect(order).to.eql(['1', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
    expect(keysOf(rows)).to.eql(['host.chain.nextAction']);
  });

  it('list the children of a path, whatever their names', () => {
    const rows = makeRows();
    for (const path of ['p.a', 'p.a-b.x', 'p.a.deep.er', 'p.b.c', 'p.b.d', 'pq', 'p']) {
      writeStorage(rows, path, 'text');
    }
    expect(storageChildren(rows, 'p')).to.eql(['a', 'a-b', 'b']);
    expect(storageChildren(rows, '')).to.eql(['p', 'pq']);
    expect(storageChildren(rows, 'p.b', 1)).to.eql(['c']);
    expect(storageChildren(rows, 'p.b.c')).to.eql([]);
  });

  it('keep the last block with its bytes and bigints', () => {
    const rows = makeRows();
    const block = {
      height: 7,
      time: { seconds: 2n ** 60n, nanos: 999_999_999 },
      hash: 'ab',
      result: {
        appHash: Uint8Array.of(1, 2),
        txResults: [{ code: 0, log: 'ü', data: Uint8Array.of(255) }],
        events: [{ type: 'a', attributes: [['k', 'v'] as const] }],
        validatorUpdates: [{ publicKey: Uint8Array.of(3), power: 2n ** 59n }],
        appVersion: 3n,
      },
    };
    writeLastBlock(rows, block);
    expect(readLastBlock(rows)).to.eql(block);
  });
});

describe('the decoder of transactions', () => {
  const txWith = (...args: unknown[]) => makeWallet()(alice, [message('a', 'b', ...args)]);

  it('keeps what it has decoded, but nothing that takes far more memory than bytes', () => {
    const decode = makeCachedDecoder();
    const isKept = (tx: Uint8Array): boolean =>
      decode(tx, CHAIN_ID, MAX_TRANSACTION_BYTES) === decode(tx, CHAIN_ID, MAX_TRANSACTION_BYTES);
    const usual = txWith(1, 'x'.repeat(500_000));
    expect(isKept(usual)).to.equal(true);
    // 120 kB, which are 4 MB in memory. Those of 1 MB are 30 MB each.
    expect(isKept(txWith(Array.from({ length: 40_000 }, () => [])))).to.equal(false);
    expect(isKept(usual)).to.equal(true);
  });
});

describe('the budget of a block', () => {
  it('counts cranks, deletions and starts of sleeping vats, and can be extended', () => {
    const budget = makeBlockBudget(
      withDefaults({
        blockComputrons: 1_000_000,
        cleanupDeletions: 5,
        restarts: { vats: 2, computrons: 10 },
      }),
    );
    const { policy } = budget;
    expect(policy.crankComplete({ computrons: 899_999n })).to.equal(true);
    expect(policy.emptyCrank()).to.equal(true);
    expect(policy.crankComplete({})).to.equal(true);
    expect(policy.crankComplete({ computrons: 1n })).to.equal(false);
    expect(budget.isSpent()).to.equal(true);
    budget.extend(1_000_001);
    expect(policy.crankFailed({})).to.equal(true);
    expect(policy.vatCreated({})).to.equal(false);
    expect(policy.allowCleanup?.()).to.eql({ default: 5 });
    policy.didCleanup?.({ cleanups: { total: 4 } });
    expect(policy.allowCleanup?.()).to.eql({ default: 1 });
    policy.didCleanup?.({ cleanups: { total: 0 } });
    expect(policy.allowCleanup?.()).to.equal(false);
    expect(policy.allowRestart?.()).to.equal(true);
    policy.didRestart?.({ computrons: 9n });
    expect(policy.allowRestart?.()).to.equal(true);
    policy.didRestart?.({ computrons: 1n });
    expect(policy.allowRestart?.()).to.equal(false);
  });
});

describe('proposals', () => {
  const makeContext = () => {
    const rows = makeRows();
    roles.write(rows, alice.address, ['priority']);
    const params = withDefaults({ maxQueueLength: 4 });
    return {
      decode: makeCachedDecoder(),
      rows,
      params,
      chainID: CHAIN_ID,
      epochs: ['one'],
      height: 5,
    };
  };
  const limits = { height: 5, maxBytes: 10_000 };
  const act = message('app', 'add', 1);

  it('put priority first, keep the order of each sender, and leave out what would be refused', () => {
    const sign = makeWallet();
    const [b0, b1] = [sign(bob, [act]), sign(bob, [act])];
    const [a0, a1] = [sign(alice, [act]), sign(alice, [act], true)];
    const garbage = Buffer.from('garbage');
    const chosen = fillBlock([b1, garbage, b0, a0, a1], limits, makeContext());
    // Alice's urgent one waits for the one before it.
    expect(chosen).to.eql([b0, a0, a1, b1]);
    expect(refuseBlock(chosen, limits, makeContext())).to.equal(undefined);
  });

  it('fit into the size of a block, and into the queues', () => {
    const sign = makeWallet();
    const txs = Array.from({ length: 6 }, () => sign(bob, [act]));
    const [first] = txs;
    expect(fillBlock(txs, limits, makeContext())).to.eql(txs.slice(0, 4));
    const maxBytes = 2 * (first!.length + 3);
    expect(fillBlock(txs, { ...limits, maxBytes }, makeContext())).to.eql(txs.slice(0, 2));
    const small = { ...limits, maxBytes: maxBytes - 1 };
    expect(fillBlock(txs, small, makeContext())).to.eql(txs.slice(0, 1));
    expect(refuseBlock(txs.slice(0, 2), small, makeContext())).to.equal(
      `the transactions have ${maxBytes} bytes, and the limit is ${maxBytes - 1}`,
    );
  });

  it('are refused with what no honest node proposes', () => {
    const sign = makeWallet();
    const txs = [sign(bob, [act]), sign(bob, [act])];
    const refuse = (...list: Uint8Array[]) => refuseBlock(list, limits, makeContext());
    expect(refuse(txs[1]!)).to.equal(
      `transaction 0: sequence: expected 0 of ${bob.address}, got 1`,
    );
    expect(refuse(txs[0]!, txs[0]!)).to.match(/^transaction 1: sequence: expected 1/);
    expect(refuse(txs[0]!, Buffer.from('{}'))).to.match(/^transaction 1: /);
    expect(refuse()).to.equal(undefined);
  });
});

describe('which software may execute a block', () => {
  const plan = { name: 'two', height: 10, info: 'see there' };
  const codeOf = (task: () => unknown): unknown => {
    try {
      return task();
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  it('follows from the ledger, the plan and the height', () => {
    const judge = (
      software: string,
      height: number,
      planned?: typeof plan,
      epochs = ['zero', 'one'],
    ) => codeOf(() => judgeSoftware(software, { epochs, plan: planned, height }));
    expect(judge('one', 3)).to.eql({ kind: 'current' });
    expect(judge('any', 0, undefined, [])).to.eql({ kind: 'current' });
    expect(judge('two', 9, plan)).to.eql({ kind: 'upgrade', plan });
    expect(judge('two', 8, plan)).to.equal('TOO_EARLY');
    expect(judge('two', 9)).to.equal('WRONG_SOFTWARE');
    expect(judge('three', 9, plan)).to.equal('WRONG_SOFTWARE');
    expect(judge('zero', 9, plan)).to.equal('PLATFORM_EPOCH_REGRESSION');
  });

  it('meets a plan at its height only, and may skip it', () => {
    const meet = (height: number, skipped: number[] = []) =>
      codeOf(() => meetPlan('one', { plan }, height, new Set(skipped)));
    expect([9, 11].map(height => meet(height))).to.eql(['none', 'none']);
    expect(meet(10)).to.equal('UPGRADE_NEEDED');
    expect(meet(10, [10])).to.equal('skip');
  });
});

describe('the options of a node', () => {
  const given = { home: '/nowhere', platformEpoch: 'one' };

  it('say when vats come online', () => {
    for (const preload of ['foreground', 'background', 'none'] as const) {
      expect(insistOptions({ ...given, preload })).to.deep.include({ preload });
    }
    expect(() => insistOptions({ ...given, preload: 'later' as never })).to.throw(
      /^preload: expected one of foreground, background, none, .*later/,
    );
    expect(() => insistOptions({ ...given, preloadConcurrency: 0 })).to.throw(/preloadConcurrency/);
  });
});
