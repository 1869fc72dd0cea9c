/** `chain init`, `testnet` and `join`: they write homes, and start nothing. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadBasedir, loadSwingsetConfigFile } from '../../controller/config-files.js';
import type { Role } from '../../host/block-host/genesis-types.js';
import { insistParams } from '../../host/block-host/params.js';
import { writeKeyFile } from '../../host/transactions/key-files.js';
import { makeKey } from '../../host/transactions/keys.js';
import type { WarningSink } from '../../unknown-fields.js';
import { UsageError } from '../usage-error.js';
import { PORTS_PER_NODE } from './chain-args.js';
import type { InitArgs, JoinArgs, NewChainArgs, TestnetArgs } from './chain-args.js';
import { makeRpcClient } from './client/rpc-client.js';
import { makeAppState } from './home/app-state.js';
import type { EngineSettings, TomlValue } from './home/engine-config.js';
import { chainIDProblem, engineGenesis } from './home/engine-genesis.js';
import type { GenesisValidator } from './home/engine-genesis.js';
import { makeEngineKey, nodeIDOf } from './home/engine-keys.js';
import type { EngineKey } from './home/engine-keys.js';
import { insistNewHome, makeHome } from './home/make-home.js';
import type { ChainNodeConfig } from './home/node-config-schema.js';
import { chainHome } from './home/paths.js';
import { readJsonFile } from './home/read-json.js';

export interface NewNode {
  readonly home: string;
  readonly moniker: string;
  readonly nodeID: string;
  readonly p2p: string;
  readonly rpc: string;
  readonly health?: string;
}

export interface NewChain {
  readonly chainID: string;
  readonly platformEpoch: string;
  readonly nodes: readonly NewNode[];
  /** File of a key that was made because nobody was named to have roles. */
  readonly adminKey?: string;
  readonly adminAddress?: string;
}

const ALL_ROLES: readonly Role[] = [
  'install',
  'propose',
  'upgrade',
  'validators',
  'priority',
  'bridge',
];

/** Takes a few transactions of the largest size. */
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;

interface NodeKeys {
  readonly validator: EngineKey;
  readonly node: EngineKey;
}

const makeNodeKeys = (): NodeKeys => ({ validator: makeEngineKey(), node: makeEngineKey() });

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

interface Roles {
  readonly roles: Readonly<Record<string, readonly Role[]>>;
  readonly admin?: { readonly address: string; readonly write: () => string };
}

/** The roles of the genesis. When nobody was named, a new key in `directory` has them all. */
const readRoles = ({ admins, roles }: NewChainArgs, directory: string): Roles => {
  const fromFile = roles === undefined ? {} : (readJsonFile(roles, '--roles') as Roles['roles']);
  const named = Object.fromEntries(admins.map(address => [address, [...ALL_ROLES]]));
  if (admins.length > 0 || roles !== undefined) return { roles: { ...fromFile, ...named } };
  const key = makeKey();
  const path = join(directory, 'admin-key.json');
  return {
    roles: { [key.address]: [...ALL_ROLES] },
    admin: {
      address: key.address,
      write: () => {
        writeKeyFile(path, key);
        return path;
      },
    },
  };
};

interface GenesisOptions {
  readonly args: NewChainArgs;
  readonly roles: Roles['roles'];
  readonly validators: readonly GenesisValidator[];
  readonly console: WarningSink;
}

/** The text of `genesis.json`. */
const makeGenesis = async ({ args, roles, validators, console }: GenesisOptions) => {
  const { config: path, chainID, platformEpoch, params, strict, argv } = args;
  const problem = chainIDProblem(chainID);
  if (problem !== undefined) throw new UsageError(`--chain-id ${chainID}: ${problem}`);
  // Before the sources are bundled, which takes a while.
  const given = params === undefined ? {} : insistParams(readJsonFile(params, '--params'), params);
  const config = isDirectory(path)
    ? loadBasedir(path)
    : await loadSwingsetConfigFile(path, { strict, console });
  const appState = await makeAppState({
    platformEpoch,
    config,
    argv,
    roles,
    params: given,
  });
  const genesis = engineGenesis({
    chainID,
    time: new Date().toISOString(),
    validators,
    appState,
    maxBlockBytes: MAX_BLOCK_BYTES,
  });
  return JSON.stringify(genesis);
};

interface NodePlan extends NodeKeys {
  readonly directory: string;
  readonly moniker: string;
  readonly ports: { readonly p2p: number; readonly rpc: number; readonly health: number };
}

const LOCAL = '127.0.0.1';

interface WriteOptions {
  readonly genesis: string;
  readonly peers: readonly string[];
  readonly oneMachine: boolean;
  readonly overrides?: Readonly<Record<string, TomlValue>>;
}

const writeNode = (
  { directory, moniker, ports, validator, node: nodeKey }: NodePlan,
  { genesis, peers, oneMachine, overrides = {} }: WriteOptions,
): NewNode => {
  const { home, socket } = chainHome(directory);
  const p2pHost = oneMachine ? LOCAL : '0.0.0.0';
  const engine: EngineSettings = {
    moniker,
    application: `unix://${socket}`,
    rpc: `tcp://${LOCAL}:${ports.rpc}`,
    p2p: `tcp://${p2pHost}:${ports.p2p}`,
    peers,
    oneMachine,
    overrides,
  };
  const health = `${LOCAL}:${ports.health}`;
  const node: ChainNodeConfig = { health, snapshotInterval: 100, snapshotKeep: 5 };
  makeHome(directory, { genesis, validatorKey: validator, nodeKey, engine, node });
  const nodeID = nodeIDOf(nodeKey);
  return { home, moniker, nodeID, p2p: engine.p2p, rpc: `http://${LOCAL}:${ports.rpc}`, health };
};

const portsFrom = (p2p: number) => ({ p2p, rpc: p2p + 1, health: p2p + 2 });

/** CometBFT's own ports, and the next one. */
const DEFAULT_PORTS = { p2p: 26_656, rpc: 26_657, health: 26_659 } as const;

/** Settings of the engine for a wait after each commit. */
const pace = (blockTime: string | undefined): Readonly<Record<string, TomlValue>> => {
  if (blockTime === undefined) return {};
  const isFast = /^[0-9]{1,2}ms$|^0/.test(blockTime);
  return {
    'consensus.timeout_commit': blockTime,
    // By default, gossip sleeps for 100 ms between two messages, which would decide the rate.
    ...(isFast && {
      'consensus.peer_gossip_sleep_duration': '5ms',
      'p2p.flush_throttle_timeout': '5ms',
    }),
  };
};

export const initChain = async (args: InitArgs, console: WarningSink): Promise<NewChain> => {
  const { home, moniker, chainID, platformEpoch, basePort } = args;
  insistNewHome(home);
  const { roles, admin } = readRoles(args, join(home, 'config'));
  const keys = makeNodeKeys();
  const validators = [{ key: keys.validator, name: moniker }];
  const genesis = await makeGenesis({ args, roles, validators, console });
  const ports = basePort === undefined ? DEFAULT_PORTS : portsFrom(basePort);
  const node = writeNode(
    { directory: home, moniker, ports, ...keys },
    {
      genesis,
      peers: [],
      oneMachine: basePort !== undefined,
      overrides: pace(args.blockTime),
    },
  );
  return {
    chainID,
    platformEpoch,
    nodes: [node],
    ...(admin && { adminKey: admin.write(), adminAddress: admin.address }),
  };
};

export const makeTestnet = async (args: TestnetArgs, console: WarningSink): Promise<NewChain> => {
  const { home, validators: count, basePort, chainID, platformEpoch } = args;
  if (basePort + count * PORTS_PER_NODE > 65_536) {
    throw new UsageError(`--base-port ${basePort} leaves no room for ${count} nodes`);
  }
  const plans = Array.from({ length: count }, (_, index): NodePlan => {
    const p2p = basePort + index * PORTS_PER_NODE;
    return {
      directory: join(home, `node${index}`),
      moniker: `node${index}`,
      ports: portsFrom(p2p),
      ...makeNodeKeys(),
    };
  });
  for (const { directory } of plans) insistNewHome(directory);
  const { roles, admin } = readRoles(args, home);
  const validators = plans.map(({ validator, moniker }) => ({ key: validator, name: moniker }));
  const genesis = await makeGenesis({ args, roles, validators, console });
  const addresses = plans.map(({ node, ports }) => `${nodeIDOf(node)}@${LOCAL}:${ports.p2p}`);
  const nodes = plans.map((plan, index) =>
    writeNode(plan, {
      genesis,
      peers: addresses.filter((_, other) => other !== index),
      oneMachine: true,
      overrides: pace(args.blockTime),
    }),
  );
  return {
    chainID,
    platformEpoch,
    nodes,
    ...(admin && { adminKey: admin.write(), adminAddress: admin.address }),
  };
};

/** Old enough to be final everywhere, and young enough to be within the trust period. */
const trustOf = async (endpoint: string): Promise<{ height: number; hash: string }> => {
  const { height, hash } = await makeRpcClient(endpoint).header();
  return { height: Number(height), hash: hash.toUpperCase() };
};

export interface JoinedChain {
  readonly node: NewNode;
  readonly chainID: string;
  /** The block that state sync trusts. `asked`: a node told it, and nobody has confirmed it. */
  readonly trust?: { readonly height: number; readonly hash: string; readonly asked: boolean };
}

export const joinChain = async (args: JoinArgs): Promise<JoinedChain> => {
  const { home, moniker, genesis: path, peers, stateSync, trust: given, basePort } = args;
  const ports = basePort === undefined ? DEFAULT_PORTS : portsFrom(basePort);
  insistNewHome(home);
  const content = readJsonFile(path, '--genesis') as { readonly chain_id?: unknown };
  if (typeof content.chain_id !== 'string') {
    throw new UsageError(`--genesis: ${path} names no chain_id: it is no genesis of a chain`);
  }
  const [first] = stateSync;
  const trust =
    first === undefined
      ? undefined
      : given
        ? { ...given, asked: false }
        : { ...(await trustOf(first)), asked: true };
  const node = writeNode(
    { directory: home, moniker, ports, ...makeNodeKeys() },
    {
      genesis: readFileSync(path, 'utf8'),
      peers,
      oneMachine: basePort !== undefined,
      ...(trust && {
        overrides: {
          'statesync.enable': true,
          // The engine wants two, and takes the same one twice.
          'statesync.rpc_servers': (stateSync.length > 1 ? stateSync : [first, first]).join(','),
          'statesync.trust_height': trust.height,
          'statesync.trust_hash': trust.hash,
          'statesync.trust_period': '168h0m0s',
          'statesync.discovery_time': '5s',
          'statesync.chunk_request_timeout': '10s',
        },
      }),
    },
  );
  return { node, chainID: content.chain_id, ...(trust && { trust }) };
};
