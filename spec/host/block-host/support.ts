/**
 * A chain of one node, driven by hand as an engine drives it.
 *
 *   const chain = await makeChain();
 *   await chain.block(chain.tx(alice, message('app', 'add', 1)));
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import { bundleSystem } from '../../../lib/host/block-host/build-genesis.js';
import type { ChainGenesis, Role } from '../../../lib/host/block-host/genesis-types.js';
import type { GivenParams } from '../../../lib/host/chain-params.js';
import type { BlockHostOptions } from '../../../lib/host/block-host/local-options.js';
import { openBlockHost } from '../../../lib/host/block-host/open-block-host.js';
import type { DeviceOutput } from '../../../lib/host/block-host/outputs.js';
import type {
  Block,
  BlockHost,
  BlockResult,
  TxResult,
} from '../../../lib/host/block-host/types.js';
import type { Action } from '../../../lib/host/transactions/action-types.js';
import { makeKey, type SigningKey } from '../../../lib/host/transactions/keys.js';
import { signTransaction } from '../../../lib/host/transactions/transaction.js';
import { bundleCachePath } from '../../support/bundle-cache.js';
import { bundleOf, withBundles } from '../../support/shared-bundles.js';

export const CHAIN_ID = 'spec-chain';
export const GENESIS_TIME = 1_700_000_000n;

const keyOf = (seed: number): SigningKey => makeKey(new Uint8Array(32).fill(seed));
/** Has every role. */
export const alice = keyOf(1);
export const bob = keyOf(2);
export const carol = keyOf(3);

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`vats/${name}.js`, import.meta.url));

export const bundleOfFixture = (name: string) => bundleOf(fixture(name));

const allRoles: readonly Role[] = [
  ...(['install', 'propose', 'upgrade', 'validators', 'priority', 'bridge'] as const),
];

const ignore = () => undefined;
const silent = { log: ignore, info: ignore, warn: ignore, error: ignore, debug: ignore };

export const message = (to: string, method: string, ...args: unknown[]): Action => ({
  type: 'message',
  to,
  method,
  args,
});

export const json = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

let system: Promise<ChainGenesis['systemBundles']> | undefined;

export interface ChainOptions {
  readonly params?: GivenParams;
  readonly config?: Partial<SwingSetConfig>;
  readonly argv?: readonly string[];
  /** With the vat `fragile`. */
  readonly fragile?: boolean;
  readonly worker?: 'local' | 'xsnap';
  readonly local?: Partial<BlockHostOptions>;
}

export const makeGenesis = async ({
  params,
  config,
  argv = [],
  fragile = false,
  worker = 'local',
}: ChainOptions = {}): Promise<ChainGenesis> => {
  system ??= bundleSystem({ cachePath: bundleCachePath });
  const whole = await withBundles({
    bootstrap: 'bootstrap',
    defaultManagerType: worker,
    // As chains set it. With the default, 1, each delivery of a local vat pays for a collection.
    defaultReapInterval: 1000,
    ...config,
    vats: {
      bootstrap: { sourceSpec: fixture('bootstrap') },
      app: { sourceSpec: fixture('app') },
      ...(fragile && { fragile: { sourceSpec: fixture('fragile') } }),
      ...config?.vats,
    },
  });
  return {
    platformEpoch: 'one',
    config: whole,
    argv,
    systemBundles: await system,
    ...(params && { params }),
    roles: { [alice.address]: allRoles },
  };
};

const homes = new Set<string>();

export const makeHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'block-host-spec-'));
  homes.add(home);
  return home;
};

const opened = new Set<BlockHost>();

/** Opens a host that the end of the spec file closes. */
export const open = async (
  home: string,
  options: Partial<BlockHostOptions> = {},
): Promise<BlockHost> => {
  const host = await openBlockHost({ home, platformEpoch: 'one', console: silent, ...options });
  opened.add(host);
  return host;
};

after('close the hosts of this file', async () => {
  for (const host of opened) await host.close();
  opened.clear();
  originals.clear();
  for (const home of homes) rmSync(home, { recursive: true, force: true });
  homes.clear();
});

export const initRequest = (genesis: ChainGenesis, initialHeight = 1) => ({
  chainID: CHAIN_ID,
  time: { seconds: GENESIS_TIME, nanos: 0 },
  initialHeight,
  appState: Buffer.from(JSON.stringify(genesis)),
  validators: [{ publicKey: new Uint8Array(32).fill(9), power: 10n }],
});

/** As the engine would make it: its hash follows from what is in it. */
export const makeBlock = (height: number, txs: readonly Uint8Array[], seconds?: bigint): Block => {
  const hash = createHash('sha256').update(`${height}`);
  for (const tx of txs) hash.update(tx);
  return {
    height,
    time: { seconds: seconds ?? GENESIS_TIME + BigInt(height), nanos: 5 },
    txs,
    hash: hash.digest(),
  };
};

export interface Chain {
  readonly home: string;
  readonly genesis: ChainGenesis;
  readonly outputs: DeviceOutput[];
  host: BlockHost;
  /** The next height. */
  height: number;
  /** A transaction with the account's next sequence. */
  tx(key: SigningKey, ...actions: Action[]): Uint8Array;
  priorityTx(key: SigningKey, ...actions: Action[]): Uint8Array;
  /** Executes and commits the next block. */
  block(...txs: Uint8Array[]): Promise<BlockResult>;
  /** Sends one transaction of alice, and reads its results after so many more blocks. */
  act(...actions: Action[]): Promise<unknown[]>;
  query(path: string): unknown;
  result(id: string): { state: string; value: unknown };
  /** Makes empty blocks until an action has its result. */
  settle(id: string): Promise<{ state: string; value: unknown }>;
  /** Closes the host and opens the home again. */
  reopen(options?: Partial<BlockHostOptions>): Promise<void>;
  /** Opens a copy of the home as a killed process leaves it, and forgets the host. */
  crash(options?: Partial<BlockHostOptions>): Promise<void>;
}

export const actionsOf = ({ data }: TxResult): readonly string[] =>
  (json(data) as { actions: string[] }).actions;

/** Counts what each account has sent. */
export const makeWallet = () => {
  const sequences = new Map<string, number>();
  return (key: SigningKey, actions: readonly Action[], priority = false): Uint8Array => {
    const sequence = sequences.get(key.address) ?? 0;
    sequences.set(key.address, sequence + 1);
    return signTransaction(
      { sequence, actions, ...(priority && { priority: true as const }) },
      { chainID: CHAIN_ID, key },
    );
  };
};

/** Homes of chains whose bootstrap ran. Made once, then copied. */
const originals = new Map<string, Promise<string>>();

const makeOriginal = async (genesis: ChainGenesis): Promise<string> => {
  const home = makeHome();
  const host = await openBlockHost({ home, platformEpoch: 'one', console: silent });
  await host.init(initRequest(genesis));
  // With a small budget, the bootstrap takes more than a block.
  const isQuick = genesis.params?.blockComputrons === undefined;
  for (let height = 1, before = ''; ; height += 1) {
    const { appHash } = await host.executeBlock(makeBlock(height, []));
    await host.commit();
    if (isQuick || hex(appHash) === before) break;
    before = hex(appHash);
  }
  await host.close();
  return home;
};

/** A chain whose bootstrap ran: in its only block, unless its budget is small. */
export const makeChain = async (options: ChainOptions = {}): Promise<Chain> => {
  const { local, ...state } = options;
  const genesis = await makeGenesis(options);
  const outputs: DeviceOutput[] = [];
  const all = {
    onCommitted: (list: readonly DeviceOutput[]) => void outputs.push(...list),
    ...local,
  };
  const wallet = makeWallet();
  const key = JSON.stringify(state);
  const original = originals.get(key) ?? makeOriginal(genesis);
  originals.set(key, original);
  const home = makeHome();
  cpSync(await original, home, { recursive: true });
  const host = await open(home, all);
  const chain: Chain = {
    home,
    genesis,
    outputs,
    host,
    height: host.info().height + 1,
    tx: (key, ...actions) => wallet(key, actions),
    priorityTx: (key, ...actions) => wallet(key, actions, true),
    block: async (...txs) => {
      const result = await chain.host.executeBlock(makeBlock(chain.height, txs));
      await chain.host.commit();
      chain.height += 1;
      return result;
    },
    act: async (...actions) => {
      const { txResults } = await chain.block(chain.tx(alice, ...actions));
      const [first] = txResults;
      if (first?.code !== 0) throw Error(first?.log);
      return actionsOf(first).map(id => chain.result(id));
    },
    query: path => {
      const { code, log, value } = chain.host.query({ path, data: new Uint8Array() });
      if (code !== 0) throw Error(`${code}: ${log}`);
      return json(value);
    },
    result: id => {
      const { state, value } = chain.query(`/result/${id}`) as { state: string; value: unknown };
      return { state, value };
    },
    settle: async id => {
      for (let count = 0; count < 100; count += 1) {
        const result = chain.result(id);
        if (result.state !== 'pending' && result.state !== 'queued') return result;
        await chain.block();
      }
      throw Error(`action ${id} has no result`);
    },
    reopen: async more => {
      await chain.host.close();
      chain.host = await open(chain.home, { ...all, ...more });
    },
    crash: async more => {
      const copy = makeHome();
      cpSync(chain.home, copy, { recursive: true });
      const old = chain.host;
      (chain as { home: string }).home = copy;
      chain.host = await open(copy, { ...all, ...more });
      await old.close();
    },
  };
  return chain;
};
