/**
 * The legal orders of calls in CometBFT's grammar of ABCI 2.0, at random, over a socket, with
 * crashes of engine and application between and during calls. A node begins with a chain's home or
 * by state sync. Whatever the order, each height has the same answer.
 *
 * `CALL_ORDERS=500 npx mocha spec/chain/call-orders.slow.ts` tries more of them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Response } from 'cosmjs-types/tendermint/abci/types.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { makeAbciApplication } from '../../lib/abci/application.js';
import { startAbciServer, type AbciServer } from '../../lib/abci/server.js';
import { Peer } from '../abci/support.js';
import { passSnapshot, type PassedSnapshot } from '../host/block-host/passed-snapshot.js';
import {
  alice,
  bob,
  hex,
  makeBlock,
  makeChain,
  makeHome,
  message,
  open,
  type Chain,
} from '../host/block-host/support.js';
import type { Block } from '../../lib/host/block-host/types.js';

const RUNS = Number(process.env['CALL_ORDERS'] ?? 10);
const SEED = Number(process.env['CALL_ORDERS_SEED'] ?? 1);

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };

/** Engine and application of one node, in one process. */
class Node {
  #server: AbciServer | undefined;
  #peers: readonly Peer[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'call-orders-'));
  #fatal: unknown;

  constructor(readonly chain: Chain) {}

  get consensus(): Peer {
    return this.#peer(0);
  }

  get mempool(): Peer {
    return this.#peer(1);
  }

  get query(): Peer {
    return this.#peer(2);
  }

  get snapshots(): Peer {
    return this.#peer(3);
  }

  #peer(index: number): Peer {
    const peer = this.#peers[index];
    if (!peer) throw Error('not connected');
    return peer;
  }

  async start(): Promise<void> {
    this.#server = await startAbciServer({
      address: `unix://${join(this.#folder, 'app.sock')}`,
      handle: makeAbciApplication({ host: this.chain.host, console: silent }),
      onFatal: error => {
        this.#fatal = error;
      },
      console: silent,
    });
    await this.connect();
  }

  /** An engine comes, in place of the one before, which leaves without a word. */
  async connect(): Promise<void> {
    const address = this.#server?.address ?? '';
    for (const peer of this.#peers) peer.close();
    this.#peers = await Promise.all([1, 2, 3, 4].map(() => Peer.connect(address)));
  }

  async crash(): Promise<void> {
    await this.#server?.close();
    await this.chain.crash();
    await this.start();
  }

  async info(): Promise<{ readonly height: number; readonly hash: string }> {
    const { info } = await this.query.ask({ info: { version: '0.38.25' } });
    return {
      height: Number(info?.lastBlockHeight),
      hash: hex(info?.lastBlockAppHash ?? new Uint8Array()),
    };
  }

  /** Bytes that are no request. */
  async sendGarbage(): Promise<void> {
    const peer = await Peer.connect(this.#server?.address ?? '');
    peer.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(20)));
    await peer.closed;
  }

  async stop(): Promise<void> {
    for (const peer of this.#peers) peer.close();
    await this.#server?.close();
    rmSync(this.#folder, { recursive: true });
    expect(this.#fatal).to.equal(undefined);
  }
}

const finalizeRequest = ({ height, time, txs, hash }: Block) => ({
  finalizeBlock: { height: BigInt(height), time, txs: [...txs], hash },
});

const bytesOf = (response: Response | undefined): string =>
  response ? hex(Response.encode(response).finish()) : 'none';

/** What the engine asks besides, at any time. */
const noises = ['check', 'garbage-tx', 'query', 'info', 'echo', 'snapshots', 'garbage'] as const;

const crash = fc.constantFrom('none', 'none', 'none', 'engine', 'both');

const heightPlan = fc.record({
  noise: fc.array(fc.constantFrom(...noises), { maxLength: 4 }),
  rounds: fc.array(fc.constantFrom('proposer', 'validator', 'bad-proposal'), { maxLength: 3 }),
  afterRounds: crash,
  afterFinalize: crash,
  afterCommit: crash,
  /** The engine dies while this call is under way. */
  during: fc.constantFrom('none', 'none', 'finalize', 'commit'),
});

/** What an engine does in state sync before an attempt that succeeds. */
const attempt = fc.record({ applies: fc.nat({ max: 5 }), wrongChunk: fc.boolean(), then: crash });

const beginning = fc.oneof(
  { weight: 2, arbitrary: fc.constant('home' as const) },
  { weight: 1, arbitrary: fc.array(attempt, { maxLength: 3 }) },
);

type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

type HeightPlan = typeof heightPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

describe('calls in any legal order', () => {
  let blocks: readonly Block[];
  /** By height: the answer to FinalizeBlock, and the app hash. */
  const answers = new Map<number, { readonly bytes: string; readonly hash: string }>();
  /** Of the second block. */
  let snapshot: PassedSnapshot;

  before('one node executes the blocks in the shortest order', async () => {
    const chain = await makeChain();
    const node = new Node(chain);
    await node.start();
    const first = chain.height;
    const lists = [
      [
        chain.tx(alice, message('app', 'add', 2)),
        chain.tx(bob, message('app', 'echo', { a: [1] })),
      ],
      [],
      [
        chain.tx(bob, message('app', 'spin', 4), message('app', 'fail', 'no')),
        Buffer.from('no transaction'),
        chain.priorityTx(alice, { type: 'bridge', port: 'bank', message: { type: 'x' } }),
      ],
      [chain.tx(alice, { type: 'propose', code: 'async () => 7' }, message('nobody', 'add', 1))],
      [],
    ];
    blocks = lists.map((txs, index) => makeBlock(first + index, txs));
    for (const block of blocks) {
      const response = await node.consensus.ask(finalizeRequest(block));
      await node.consensus.ask({ commit: {} });
      const hash = hex(response.finalizeBlock?.appHash ?? new Uint8Array());
      answers.set(block.height, { bytes: bytesOf(response), hash });
      if (block === blocks[1]) snapshot = await passSnapshot(chain.home, chain.host);
    }
    expect(new Set([...answers.values()].map(({ hash }) => hash)).size).to.be.greaterThan(2);
    await node.stop();
  });

  const makeNoise = async (node: Node, noise: HeightPlan['noise'][number], block: Block) => {
    switch (noise) {
      case 'check':
        for (const tx of block.txs) await node.mempool.ask({ checkTx: { tx } });
        return;
      case 'garbage-tx': {
        const { checkTx } = await node.mempool.ask({ checkTx: { tx: Buffer.from('{}') } });
        expect(checkTx?.code).to.be.greaterThan(0);
        return;
      }
      case 'query': {
        const { query } = await node.query.ask({ query: { path: '/status' } });
        expect(query).to.include({ code: 0, height: BigInt(block.height - 1) });
        return;
      }
      case 'info':
        expect((await node.info()).height).to.equal(block.height - 1);
        return;
      case 'echo':
        expect((await node.query.ask({ echo: { message: 'x' } })).echo?.message).to.equal('x');
        return;
      case 'snapshots':
        await node.query.ask({ listSnapshots: {} });
        return;
      case 'garbage':
        await node.sendGarbage();
        return;
      default:
        noise satisfies never;
    }
  };

  const makeRound = async (node: Node, round: HeightPlan['rounds'][number], block: Block) => {
    const { height, time } = { height: BigInt(block.height), time: block.time };
    const judge = async (txs: readonly Uint8Array[]): Promise<number | undefined> => {
      const request = { processProposal: { height, time, txs: [...txs] } };
      return (await node.consensus.ask(request)).processProposal?.status;
    };
    if (round === 'validator') {
      // Whether it is accepted or not, nothing follows from it.
      expect([1, 2]).to.include(await judge(block.txs));
      return;
    }
    const mempool = [...block.txs, Buffer.from('junk'), ...block.txs];
    const { prepareProposal } = await node.consensus.ask({
      prepareProposal: { height, time, txs: mempool, maxTxBytes: 1_000_000n },
    });
    const txs = prepareProposal?.txs ?? [];
    const isGood = (tx: Uint8Array): boolean => hex(tx) !== hex(Buffer.from('no transaction'));
    expect(txs.map(hex).sort()).to.deep.equal(block.txs.filter(isGood).map(hex).sort());
    if (round === 'proposer') expect(await judge(txs)).to.equal(1);
    else {
      expect(await judge([...txs, Buffer.from('junk')])).to.equal(2);
      if (txs.length > 0) expect(await judge([...txs, txs[0]!])).to.equal(2);
    }
  };

  const finalize = async (node: Node, block: Block): Promise<void> => {
    const response = await node.consensus.ask(finalizeRequest(block));
    expect(bytesOf(response)).to.equal(answers.get(block.height)?.bytes);
  };

  /** The handshake of an engine that has stored a block: it replays what the application lacks. */
  const recover = async (node: Node, block: Block): Promise<void> => {
    const { height, hash } = await node.info();
    expect(hash).to.equal(answers.get(height)?.hash ?? hash);
    if (height === block.height) return;
    expect(height).to.equal(block.height - 1);
    await finalize(node, block);
    await node.consensus.ask({ commit: {} });
  };

  const crashAs = async (node: Node, kind: HeightPlan['afterRounds']): Promise<boolean> => {
    if (kind === 'engine') await node.connect();
    if (kind === 'both') await node.crash();
    return kind !== 'none';
  };

  const makeHeight = async (node: Node, plan: HeightPlan, block: Block): Promise<void> => {
    for (const noise of plan.noise) await makeNoise(node, noise, block);
    for (const round of plan.rounds) await makeRound(node, round, block);
    if (await crashAs(node, plan.afterRounds)) {
      expect((await node.info()).height).to.equal(block.height - 1);
    }
    if (plan.during === 'finalize') {
      node.consensus.send(finalizeRequest(block), { flush: {} });
      await node.connect();
      await recover(node, block);
      return;
    }
    await finalize(node, block);
    if (await crashAs(node, plan.afterFinalize)) {
      await recover(node, block);
      return;
    }
    if (plan.during === 'commit') {
      node.consensus.send({ commit: {} }, { flush: {} });
      await node.connect();
      await recover(node, block);
    } else await node.consensus.ask({ commit: {} });
    if (await crashAs(node, plan.afterCommit)) {
      const info = await node.info();
      expect(info).to.deep.equal({ height: block.height, hash: answers.get(block.height)?.hash });
    }
  };

  /** A node without a chain. */
  const makeEmptyNode = async (): Promise<Node> => {
    const chain = await makeChain();
    await chain.host.close();
    const home = makeHome();
    return new Node(Object.assign(chain, { home, host: await open(home) }));
  };

  const offer = async (node: Node): Promise<void> => {
    const { description, appHash } = snapshot;
    const request = { snapshot: { ...description, height: BigInt(description.height) }, appHash };
    const { offerSnapshot } = await node.snapshots.ask({ offerSnapshot: request });
    expect(offerSnapshot?.result).to.equal(1);
  };

  const apply = async (
    node: Node,
    index: number,
    chunk: Uint8Array,
  ): Promise<number | undefined> => {
    const request = { applySnapshotChunk: { index, chunk, sender: 'peer' } };
    return (await node.snapshots.ask(request)).applySnapshotChunk?.result;
  };

  const stateSync = async (node: Node, attempts: readonly Attempt[]): Promise<void> => {
    for (const { applies, wrongChunk, then } of attempts) {
      await offer(node);
      const chunks = snapshot.chunks.slice(0, Math.min(applies, snapshot.chunks.length - 1));
      for (const [index, chunk] of chunks.entries()) {
        expect(await apply(node, index, chunk)).to.equal(1);
      }
      if (wrongChunk) expect(await apply(node, chunks.length, Buffer.from('wrong'))).to.equal(3);
      expect((await node.info()).height).to.equal(0);
      await crashAs(node, then);
    }
    await offer(node);
    for (const [index, chunk] of snapshot.chunks.entries()) {
      expect(await apply(node, index, chunk)).to.equal(1);
    }
    const { height } = snapshot.description;
    expect(await node.info()).to.deep.equal({ height, hash: answers.get(height)?.hash });
  };

  it('give each height the same answer and hash', async () => {
    const plans = fc.array(heightPlan, { minLength: blocks.length, maxLength: blocks.length });
    await fc.assert(
      fc.asyncProperty(beginning, plans, async (begins, list) => {
        const node = begins === 'home' ? new Node(await makeChain()) : await makeEmptyNode();
        await node.start();
        try {
          if (begins !== 'home') await stateSync(node, begins);
          const { height: begun } = await node.info();
          for (const [index, block] of blocks.entries()) {
            if (block.height <= begun) continue;
            await makeHeight(node, list[index]!, block);
          }
          const last = blocks.at(-1)?.height ?? 0;
          expect(await node.info()).to.deep.equal({ height: last, hash: answers.get(last)?.hash });
        } finally {
          await node.stop();
        }
      }),
      // Smaller examples would take minutes, and say little more.
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  });
});
