/**
 * The smallest block host that a real engine can run: it adds up the numbers that transactions
 * write in decimal digits. It keeps each committed state, so that a spec can go back.
 */
import type { Block, BlockHost, InitRequest, TxResult } from '../../lib/host/block-host/types.js';

interface CounterState {
  readonly height: number;
  readonly sum: number;
  readonly appVersion: bigint;
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = (value: Uint8Array): string => Buffer.from(value).toString();

const hashOf = ({ sum }: CounterState): Uint8Array => bytes(`sum ${sum}`);

const resultOf = (tx: Uint8Array): TxResult =>
  /^\d+$/.test(textOf(tx))
    ? { code: 0, log: '', data: tx }
    : { code: 1, log: `expected digits, got ${textOf(tx)}`, data: new Uint8Array() };

export class CounterHost implements BlockHost {
  readonly committed: CounterState[] = [];
  readonly genesis: InitRequest[] = [];
  readonly blocks: Block[] = [];
  #executed: CounterState | undefined;
  /** The block that ends with another app version. */
  upgradeAt = 0;
  /** Called at the end of calls that change state: a spec kills or fails there. */
  at: (point: 'executed' | 'committed', height: number) => void = () => undefined;

  get #last(): CounterState {
    return this.committed.at(-1) ?? { height: 0, sum: 0, appVersion: 1n };
  }

  /** As if the process had died: what was not committed is gone. */
  restart(): void {
    this.#executed = undefined;
    this.at = () => undefined;
  }

  info() {
    const { height, appVersion } = this.#last;
    const appHash = this.genesis.length === 0 ? new Uint8Array() : hashOf(this.#last);
    return { height, appHash, appVersion, platformEpoch: 'counter' };
  }

  async init(request: InitRequest) {
    this.genesis.push(request);
    return { appHash: hashOf(this.#last) };
  }

  check(tx: Uint8Array) {
    return { ...resultOf(tx), priority: 0n, sender: '' };
  }

  /** The largest numbers first. */
  prepare(txs: readonly Uint8Array[]) {
    return [...txs].sort((a, b) => Number(textOf(b)) - Number(textOf(a)));
  }

  refuse(txs: readonly Uint8Array[]) {
    return txs.every(tx => resultOf(tx).code === 0) ? undefined : 'not digits';
  }

  async executeBlock(block: Block) {
    const { height, txs } = block;
    const last = this.#last;
    if (height !== last.height + 1) throw Error(`block ${height} after ${last.height}`);
    this.blocks.push(block);
    const sum = txs.reduce((total, tx) => total + Number(textOf(tx)), last.sum);
    const upgrades = height === this.upgradeAt;
    const appVersion = last.appVersion + (upgrades ? 1n : 0n);
    this.#executed = { height, sum, appVersion };
    this.at('executed', height);
    return {
      appHash: hashOf(this.#executed),
      txResults: txs.map(resultOf),
      events: [{ type: 'added', attributes: txs.map(tx => ['number', textOf(tx)] as const) }],
      validatorUpdates: [],
      ...(upgrades ? { appVersion } : {}),
    };
  }

  async commit() {
    if (!this.#executed) throw Error('nothing to commit');
    this.committed.push(this.#executed);
    this.#executed = undefined;
    this.at('committed', this.#last.height);
    return { retainHeight: 0 };
  }

  query({ path }: { readonly path: string }) {
    const { height, sum } = this.#last;
    const isKnown = path === '/sum';
    return {
      code: isKnown ? 0 : 8,
      log: isKnown ? '' : `no ${path}`,
      key: bytes(path),
      value: bytes(isKnown ? String(sum) : ''),
      height,
    };
  }

  listSnapshots() {
    return [];
  }

  async load() {
    return new Uint8Array();
  }

  async offer() {
    return 'reject' as const;
  }

  async apply() {
    return { result: 'abort' as const, refetchChunks: [], rejectSenders: [] };
  }

  async close() {}
}
