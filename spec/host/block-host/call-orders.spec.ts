/**
 * The legal orders of calls in CometBFT's expected-behaviour grammar, generated at random, with
 * crashes between any two: a chain has the same hash at each height, whatever happened on the way. A
 * node begins with the genesis or by state sync.
 *
 * `CALL_ORDERS_RUNS` and `CALL_ORDERS_SEED` choose how many orders and which ones.
 */
import { cpSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import type { BlockHost } from '../../../lib/host/block-host/types.js';
import {
  alice,
  bob,
  hex,
  initRequest,
  makeBlock,
  makeGenesis,
  makeHome,
  makeWallet,
  message,
  open,
} from './support.js';
import { passSnapshot, type PassedSnapshot } from './passed-snapshot.js';

const RUNS = Number(process.env.CALL_ORDERS_RUNS ?? 3);
const SEED = Number(process.env.CALL_ORDERS_SEED ?? 1);

const PARAMS = { blockComputrons: 900_000 };
const LAST_HEIGHT = 8;
/** Of the snapshot that nodes begin with. */
const SYNC_HEIGHT = 4;

/** Transactions of each block, from height 1. The bootstrap takes the first ones. */
const makeScript = (): readonly (readonly Uint8Array[])[] => {
  const sign = makeWallet();
  return [
    [],
    [sign(alice, [message('app', 'add', 1)]), sign(bob, [message('app', 'never')])],
    [],
    [sign(alice, [message('app', 'spin', 12), message('app', 'add', 2)], true)],
    [sign(bob, [message('app', 'add', 3)]), Buffer.from('no transaction')],
    [sign(alice, [message('app', 'output', 'storage', { method: 'set', args: [['a', 'b']] })])],
    [],
    [sign(bob, [message('app', 'echo', 1)])],
  ];
};

/** What an engine does next. Each is legal wherever it comes. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.constant('advance' as const) },
  { weight: 1, arbitrary: fc.constant('propose' as const) },
  { weight: 1, arbitrary: fc.constant('process' as const) },
  { weight: 1, arbitrary: fc.constant('again' as const) },
  { weight: 1, arbitrary: fc.constant('check' as const) },
  { weight: 1, arbitrary: fc.constant('query' as const) },
  { weight: 1, arbitrary: fc.constant('snapshots' as const) },
  { weight: 1, arbitrary: fc.constant('engine restarts' as const) },
  { weight: 1, arbitrary: fc.constant('crash' as const) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What an engine does in state sync before an attempt that succeeds. */
const attempt = fc.record({
  /** How many chunks it applies, at most. */
  applies: fc.nat({ max: 6 }),
  /** Nothing means that it offers again. */
  then: fc.constantFrom('nothing', 'crash', 'wrong chunk', 'wrong snapshot'),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

const beginning = fc.oneof(
  { weight: 2, arbitrary: fc.constant('genesis' as const) },
  { weight: 1, arbitrary: fc.array(attempt, { maxLength: 3 }) },
);

const all = { path: '/status', data: new Uint8Array() };

/** An engine and the node that it drives. */
class Engine {
  readonly #script = makeScript();

  readonly #request;

  readonly #hashes: Map<number, string>;

  host: BlockHost;

  #home: string;

  /** A block was executed and not committed. */
  #isExecuted = false;

  /** The height that the node began with. No engine has its block. */
  #begun = 0;

  /** @param hashes - By height. Empty for the run that makes them. */
  constructor(
    host: BlockHost,
    home: string,
    request: ReturnType<typeof initRequest>,
    hashes: Map<number, string>,
  ) {
    this.host = host;
    this.#home = home;
    this.#request = request;
    this.#hashes = hashes;
  }

  get height(): number {
    return this.host.info().height;
  }

  #note(height: number, appHash: Uint8Array): void {
    const known = this.#hashes.get(height);
    if (known === undefined) this.#hashes.set(height, hex(appHash));
    else expect(hex(appHash), `app hash of ${height}`).to.equal(known);
  }

  #block(height: number) {
    return makeBlock(height, this.#script[height - 1] ?? []);
  }

  /** Info, and InitChain for a node without blocks. */
  async handshake(): Promise<void> {
    const { height, appHash } = this.host.info();
    if (height > 0) this.#note(height, appHash);
    else this.#note(0, (await this.host.init(this.#request)).appHash);
    this.#isExecuted = false;
  }

  async #crash(): Promise<void> {
    const { host, height } = this;
    const copy = makeHome();
    cpSync(this.#home, copy, { recursive: true });
    this.#home = copy;
    this.host = await open(copy);
    await host.close();
    expect(this.height).to.equal(height);
  }

  async #apply({ chunks }: PassedSnapshot, chunk: number): Promise<void> {
    const { result } = await this.host.apply(chunk, chunks[chunk]!, 'peer');
    expect(result).to.equal('accept');
  }

  async #try({ applies, then }: Attempt, snapshot: PassedSnapshot): Promise<void> {
    const { description, appHash, chunks } = snapshot;
    expect(await this.host.offer(description, appHash)).to.equal('accept');
    const count = Math.min(applies, chunks.length - 1);
    for (let chunk = 0; chunk < count; chunk += 1) await this.#apply(snapshot, chunk);
    expect(this.height).to.equal(0);
    switch (then) {
      case 'nothing':
        return;
      case 'crash':
        await this.#crash();
        return;
      case 'wrong chunk':
        expect(await this.host.apply(count, Buffer.from('wrong'), 'liar')).to.eql({
          result: 'retry',
          refetchChunks: [count],
          rejectSenders: ['liar'],
        });
        return;
      case 'wrong snapshot': {
        const wrong = { ...description, format: description.format + 1 };
        expect(await this.host.offer(wrong, appHash)).to.equal('reject-format');
        return;
      }
      default:
        then satisfies never;
    }
  }

  /** Offers and chunks, until the node has the snapshot's state. */
  async stateSync(attempts: readonly Attempt[], snapshot: PassedSnapshot): Promise<void> {
    for (const each of attempts) await this.#try(each, snapshot);
    const { description, appHash, chunks } = snapshot;
    expect(await this.host.offer(description, appHash)).to.equal('accept');
    expect(this.host.check(Buffer.from('any'), 'new')).to.include({ code: 10 });
    for (const chunk of chunks.keys()) await this.#apply(snapshot, chunk);
    expect(this.height).to.equal(description.height);
    this.#begun = description.height;
    await this.handshake();
  }

  async take(next: Step): Promise<void> {
    const { host, height } = this;
    const limits = { height: height + 1, maxBytes: 1_000_000 };
    const { txs } = this.#block(height + 1);
    switch (next) {
      case 'advance':
        if (this.#isExecuted) {
          await host.commit();
          this.#isExecuted = false;
          expect(this.height).to.equal(height + 1);
        } else {
          this.#note(height + 1, (await host.executeBlock(this.#block(height + 1))).appHash);
          this.#isExecuted = true;
        }
        expect(hex(host.info().appHash)).to.equal(this.#hashes.get(this.height));
        return;
      case 'propose':
        expect(host.refuse(host.prepare(txs, limits), limits)).to.equal(undefined);
        return;
      case 'process':
        host.refuse(txs, limits);
        return;
      case 'again': {
        const asked = this.#isExecuted ? height + 1 : height;
        if (asked > this.#begun)
          this.#note(asked, (await host.executeBlock(this.#block(asked))).appHash);
        return;
      }
      case 'check':
        for (const tx of txs) host.check(tx, 'new');
        return;
      case 'query':
        expect(JSON.parse(Buffer.from(host.query(all).value).toString())).to.include({ height });
        return;
      case 'snapshots':
        for (const each of host.listSnapshots()) expect(each.height).to.be.below(height - 1);
        return;
      case 'engine restarts': {
        const wasExecuted = this.#isExecuted;
        await this.handshake();
        // A stored block comes again, to the same process.
        this.#isExecuted = wasExecuted && height > this.#begun;
        if (this.#isExecuted) await this.take('again');
        return;
      }
      case 'crash':
        await this.#crash();
        await this.handshake();
        return;
      default:
        next satisfies never;
    }
  }
}

describe('the block host, called in any legal order', () => {
  it(`has one hash per height (seed ${SEED})`, async () => {
    const request = initRequest(await makeGenesis({ params: PARAMS }));
    const hashes = new Map<number, string>();
    const start = async () => {
      const home = makeHome();
      return { home, engine: new Engine(await open(home), home, request, hashes) };
    };
    const { home, engine: straight } = await start();
    await straight.handshake();
    let snapshot: PassedSnapshot | undefined;
    while (straight.height < LAST_HEIGHT) {
      await straight.take('advance');
      if (straight.height === SYNC_HEIGHT) snapshot ??= await passSnapshot(home, straight.host);
    }
    expect(hashes.size).to.equal(LAST_HEIGHT + 1);
    await straight.host.close();

    const orders = fc.array(step, { minLength: 20, maxLength: 40, size: 'max' });
    const property = fc.asyncProperty(beginning, orders, async (begins, steps) => {
      const { engine } = await start();
      if (begins === 'genesis') await engine.handshake();
      else await engine.stateSync(begins, snapshot!);
      for (const next of steps) {
        if (engine.height < LAST_HEIGHT) await engine.take(next);
      }
      await engine.host.close();
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: true });
  });
});
