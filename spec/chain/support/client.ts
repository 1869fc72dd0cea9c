/** Signed clients for specs. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  connect,
  isAboutSequence,
  nextSequence,
  queryChain,
  readActionResult,
} from '../../../lib/cli/chain/client/chain-client.js';
import type { ActionResult } from '../../../lib/cli/chain/client/chain-client.js';
import type { Endpoints } from '../../../lib/cli/chain/client/endpoints.js';
import type { CommittedTx } from '../../../lib/cli/chain/client/rpc-client.js';
import { sendTransactions } from '../../../lib/cli/chain/client/send.js';
import type { Action } from '../../../lib/host/transactions/action-types.js';
import { makeKey } from '../../../lib/host/transactions/keys.js';
import type { SigningKey } from '../../../lib/host/transactions/keys.js';
import { signTransaction } from '../../../lib/host/transactions/transaction.js';
import { CHAIN_ID } from './homes.js';

const powers = { now: () => performance.now(), delay: (ms: number) => delay(ms) };

export interface Tally {
  readonly incarnation: number;
  readonly total: number;
  /** Numbers that arrived more than once. */
  readonly twice: readonly string[];
}

export class Client {
  readonly endpoints: Endpoints;
  readonly key: SigningKey;
  #sequence: number | undefined;

  constructor(nodes: readonly string[], key: SigningKey = makeKey()) {
    this.endpoints = connect(nodes);
    this.key = key;
  }

  /** Sends one transaction for each list of actions, and waits until blocks have them. */
  async send(
    lists: readonly (readonly Action[])[],
    timeoutSeconds = 120,
  ): Promise<readonly CommittedTx[]> {
    this.#sequence ??= await nextSequence(this.endpoints, this.key.address);
    const txs = lists.map(actions => {
      const sequence = this.#sequence ?? 0;
      this.#sequence = sequence + 1;
      return signTransaction({ sequence, actions }, { chainID: CHAIN_ID, key: this.key });
    });
    return sendTransactions(txs, {
      endpoints: this.endpoints,
      powers,
      timeoutSeconds,
      isAboutSequence,
    });
  }

  /** The next transaction asks the chain for its sequence. */
  forgetSequence(): void {
    this.#sequence = undefined;
  }

  /** Sends one action and waits for its result. */
  async perform(action: Action, timeoutSeconds = 120): Promise<ActionResult> {
    const [tx] = await this.send([[action]], timeoutSeconds);
    const { actions } = JSON.parse((tx?.data ?? Buffer.from('{}')).toString()) as {
      readonly actions: readonly string[];
    };
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (;;) {
      const result = await readActionResult(this.endpoints, actions[0] ?? '');
      if (result) return result;
      if (Date.now() > deadline) throw Error(`no result of ${action.type} in time`);
      await delay(100);
    }
  }

  /** What the tally has counted of a sender. */
  async tally(of: string): Promise<Tally> {
    const { state, value } = await this.message('read', of);
    if (state !== 'fulfilled') throw Error(`tally.read: ${state} ${JSON.stringify(value)}`);
    return value as Tally;
  }

  message(method: string, ...args: readonly unknown[]): Promise<ActionResult> {
    return this.perform({ type: 'message', to: 'tally', method, args });
  }

  async query(path: string): Promise<unknown> {
    return (await queryChain(this.endpoints, path)).value;
  }
}

/** Sends numbered messages until it is told to stop, and knows how many. */
export class Load {
  readonly client: Client;
  sent = 0;
  /** What blocks have of it. */
  readonly committed: CommittedTx[] = [];
  #stopped = false;
  readonly #done: Promise<void>;

  /** @param atOnce - Transactions that are under way at the same time. */
  constructor(client: Client, atOnce = 5) {
    this.client = client;
    this.#done = this.#run(atOnce);
    // `stop` reports it.
    this.#done.catch(() => undefined);
  }

  async #run(atOnce: number): Promise<void> {
    while (!this.#stopped) {
      const numbers = Array.from({ length: atOnce }, (_, index) => this.sent + index);
      const txs = await this.client.send(
        numbers.map(number => [{ type: 'message', to: 'tally', method: 'add', args: [number] }]),
        600,
      );
      this.committed.push(...txs);
      this.sent += atOnce;
    }
  }

  /** Resolves when blocks have `more` further messages. @throws what stopped the load */
  async sends(more: number): Promise<void> {
    const wanted = this.sent + more;
    while (this.sent < wanted) {
      await Promise.race([this.#done, delay(50)]);
      if (this.#stopped) throw Error('the load was stopped');
    }
  }

  /** Resolves when blocks have all that was sent. */
  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#done;
    return this.sent;
  }
}
