/** Homes of chains for specs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { initChain, joinChain, makeTestnet } from '../../../lib/cli/chain/new-chain.js';
import type { NewChain } from '../../../lib/cli/chain/new-chain.js';
import { loadSwingsetConfigFile } from '../../../lib/controller/config-files.js';
import { readKeyFile } from '../../../lib/host/transactions/key-files.js';
import type { SigningKey } from '../../../lib/host/transactions/keys.js';
import { bundleCachePath } from '../../support/bundle-cache.js';
import { ChainNode } from './node.js';

const swingset = fileURLToPath(new URL('../vats/swingset.json', import.meta.url));

export interface ChainOptions {
  /** A new directory. */
  readonly directory: string;
  readonly engine: string;
  readonly basePort: number;
  readonly validators?: number;
  readonly worker?: 'xsnap' | 'local';
  /** Default `spring`. */
  readonly platformEpoch?: string;
  readonly blockTime?: string;
  /** Parameters of the chain. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Time from one block without transactions to the next; default 500ms. */
  readonly emptyBlocks?: string;
  /** Relays among the vats. */
  readonly relays?: number;
  /** Deliveries from one bringOutYourDead of a vat to the next; default: the kernel's, 1. */
  readonly reapInterval?: number;
}

export interface TestChain {
  readonly chainID: string;
  readonly nodes: readonly ChainNode[];
  /** Has every role. */
  readonly admin: SigningKey;
  readonly made: NewChain;
}

export const CHAIN_ID = 'spec-1';

const writeConfig = async ({
  directory,
  worker = 'local',
  relays = 3,
  reapInterval,
}: ChainOptions) => {
  const config = await loadSwingsetConfigFile(swingset);
  const relay = config.vats?.relay0;
  if (!relay) throw Error('the configuration has no relay');
  for (const name of Object.keys(config.vats ?? {})) {
    if (/^relay\d+$/.test(name)) delete config.vats?.[name];
  }
  for (let index = 0; index < relays; index += 1) {
    config.vats = { ...config.vats, [`relay${index}`]: relay };
  }
  const path = join(directory, 'swingset.json');
  const whole = {
    ...config,
    defaultManagerType: worker,
    bundleCachePath,
    ...(reapInterval !== undefined && { defaultReapInterval: reapInterval }),
  };
  writeFileSync(path, JSON.stringify(whole));
  return path;
};

/** A chain of `chain init` makes an empty block each 5 s, which is too slow for specs. */
const setEngineInterval = (home: string, interval: string): void => {
  const path = join(home, 'config/config.toml');
  const text = readFileSync(path, 'utf8');
  const found = /create_empty_blocks_interval = "[^"]*"/;
  if (!found.test(text)) throw Error(`${path} sets no create_empty_blocks_interval`);
  writeFileSync(path, text.replace(found, `create_empty_blocks_interval = "${interval}"`));
};

/** Writes the homes of a new chain; starts nothing. */
export const makeChain = async (options: ChainOptions): Promise<TestChain> => {
  const { directory, engine, basePort, validators = 1, params } = options;
  const paramsFile = join(directory, 'params.json');
  if (params) writeFileSync(paramsFile, JSON.stringify(params));
  const common = {
    json: false,
    config: await writeConfig(options),
    chainID: CHAIN_ID,
    platformEpoch: options.platformEpoch ?? 'spring',
    admins: [],
    roles: undefined,
    params: params && paramsFile,
    strict: true,
    blockTime: options.blockTime ?? '0s',
    argv: [],
    basePort,
  };
  const home = join(directory, 'chain');
  const made =
    validators === 1
      ? await initChain({ command: 'chain init', ...common, home, moniker: 'alone' }, console)
      : await makeTestnet({ command: 'chain testnet', ...common, home, validators }, console);
  for (const { home: directory } of made.nodes) {
    setEngineInterval(directory, options.emptyBlocks ?? '500ms');
  }
  if (made.adminKey === undefined) throw Error('no key was made');
  return {
    chainID: CHAIN_ID,
    nodes: made.nodes.map(node => new ChainNode({ home: node.home, rpc: node.rpc, engine })),
    admin: readKeyFile(made.adminKey),
    made,
  };
};

/** Sets local options of a node. */
export const setNodeOptions = (
  { home }: ChainNode,
  options: Readonly<Record<string, unknown>>,
): void => writeFileSync(join(home, 'config/app.json'), JSON.stringify(options));

export interface JoinOptions {
  /** A new directory. */
  readonly home: string;
  readonly basePort: number;
  readonly engine: string;
}

/** The home of a node that begins with a snapshot of another one. */
export const joinByStateSync = async (
  from: ChainNode,
  { home, basePort, engine }: JoinOptions,
): Promise<ChainNode> => {
  const { nodeID } = await from.client.status();
  const p2p = Number(new URL(from.endpoint).port) - 1;
  const { node } = await joinChain({
    command: 'chain join',
    home,
    json: false,
    genesis: join(from.home, 'config/genesis.json'),
    moniker: 'joined',
    peers: [`${nodeID}@127.0.0.1:${p2p}`],
    stateSync: [from.endpoint],
    trust: undefined,
    basePort,
  });
  return new ChainNode({ home: node.home, rpc: node.rpc, engine });
};
