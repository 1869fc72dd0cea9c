/**
 * Clients that mean harm: transactions that no node may take, transactions that are taken and must do
 * nothing, and those of others once more.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { RpcRefusalError } from '../../../lib/cli/chain/errors.js';
import type { RpcClient } from '../../../lib/cli/chain/client/rpc-client.js';
import type { Action } from '../../../lib/host/transactions/action-types.js';
import { makeKey } from '../../../lib/host/transactions/keys.js';
import { signTransaction } from '../../../lib/host/transactions/transaction.js';
import type { Random } from '../../support/random.js';
import { Client } from './client.js';
import { CHAIN_ID } from './homes.js';

const key = makeKey();

const add = (args: readonly unknown[]): Action => ({
  type: 'message',
  to: 'tally',
  method: 'add',
  args,
});

const signed = (actions: readonly Action[], { chainID = CHAIN_ID, sequence = 0 } = {}) =>
  signTransaction({ sequence, actions }, { chainID, key });

const bytes = (random: Random, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.below(256));

const spoiled = (random: Random, tx: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(tx);
  const at = random.below(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
};

/** What a node must refuse, whatever the state of the chain. */
const refusable: Readonly<Record<string, (random: Random) => Uint8Array>> = {
  garbage: random => bytes(random, 1 + random.below(2000)),
  'cut off': random => {
    const tx = signed([add([random.below(1e6)])]);
    return tx.slice(0, 1 + random.below(tx.length - 1));
  },
  'a flipped bit': random => spoiled(random, signed([add([random.below(1e6)])])),
  'of another chain': random => signed([add([random.below(1e6)])], { chainID: 'other-1' }),
  'far ahead of its sequence': random =>
    signed([add([1])], { sequence: 1_000_000 + random.below(1e6) }),
  'too large': random => bytes(random, 1_100_000),
  'deeply nested': () => Buffer.from(`{"body":${'['.repeat(100_000)}`),
};

const plan = { name: 'evil', height: 1_000_000, info: '', restart: { mode: 'eager' } } as const;

/** What anybody may sign, and what must have no effect but the sender's own failure. */
const harmless: readonly (readonly Action[])[] = [
  [{ type: 'message', to: 'nobody', method: 'add', args: [] }],
  [{ type: 'message', to: 'tally', method: 'noSuchMethod', args: [] }],
  [{ type: 'message', to: 'tally', method: '__proto__', args: [] }],
  [{ type: 'message', to: 'tally', method: 'constructor', args: [{ constructor: 1 }] }],
  [add([{ '@qclass': 'slot', index: 0 }])],
  [add(['not a number'])],
  [add([null, { then: 'x' }])],
  [add(['x'.repeat(100_000)])],
  [{ type: 'mailbox', messages: [[1, 'hello']], ack: 1_000_000 }],
  [{ type: 'bridge', port: 'bank', message: { type: '__proto__' } }],
  [{ type: 'scheduleUpgrade', plan }],
  [{ type: 'cancelUpgrade', name: 'summer' }],
  [{ type: 'validator', publicKey: '0'.repeat(64), power: 1_000_000 }],
  [{ type: 'propose', code: 'async () => { for (;;) ; }' }],
];

export class HostileClients {
  /** How many of each kind were sent. */
  readonly counts: Record<string, number> = {};
  /** What a node has taken, and should not. */
  readonly problems: string[] = [];
  readonly #nodes: readonly RpcClient[];
  readonly #random: Random;
  readonly #done: Promise<unknown>;
  #stopped = false;

  constructor(nodes: readonly RpcClient[], random: Random) {
    this.#nodes = nodes;
    this.#random = random;
    this.#done = Promise.all([this.#sendRefusable(), this.#sendHarmless(), this.#repeatOthers()]);
    // `stop` reports it.
    this.#done.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  #count(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  get #node(): RpcClient {
    const node = this.#random.pick(this.#nodes);
    if (!node) throw Error('there are no nodes');
    return node;
  }

  async #sendRefusable(): Promise<void> {
    while (!this.#stopped) {
      const [kind, make] = this.#random.pick(Object.entries(refusable)) ?? [];
      if (kind === undefined || make === undefined) continue;
      try {
        const { code } = await this.#node.broadcast(make(this.#random));
        if (code === 0) this.problems.push(`a node took a transaction that is ${kind}`);
        this.#count(kind);
      } catch (error) {
        // A node that is down, or an engine that refuses by itself.
        if (error instanceof RpcRefusalError) this.#count(kind);
      }
      await delay(50);
    }
  }

  async #sendHarmless(): Promise<void> {
    const client = new Client(
      this.#nodes.map(({ endpoint }) => endpoint),
      key,
    );
    while (!this.#stopped) {
      const actions = this.#random.pick(harmless) ?? [];
      try {
        await client.send([actions], 600);
        this.#count('taken, and of no effect');
      } catch {
        this.#count('refused by the chain');
        // Its sequence is unknown now.
        client.forgetSequence();
      }
    }
  }

  /** Sends what blocks have already. */
  async #repeatOthers(): Promise<void> {
    while (!this.#stopped) {
      try {
        const { height } = await this.#node.status();
        const txs = await this.#node.txsOf(height - BigInt(this.#random.below(20)));
        for (const tx of txs) {
          await this.#node.broadcast(tx);
          this.#count('sent once more');
        }
      } catch {
        // A node that is down, a height that is none, or a refusal.
      }
      await delay(500);
    }
  }
}
