/** Writes and reads the home of a node. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ChainHomeError } from '../errors.js';
import { engineConfigText, readEngineSetting } from './engine-config.js';
import type { EngineSettings } from './engine-config.js';
import { newValidatorState, nodeKeyFile, validatorKeyFile } from './engine-keys.js';
import type { EngineKey } from './engine-keys.js';
import type { ChainNodeConfig } from './node-config-schema.js';
import { chainHome } from './paths.js';
import type { ChainHome } from './paths.js';
import { insistSchema, readJsonFile } from './read-json.js';

export interface HomeContents {
  readonly genesis: string;
  readonly validatorKey: EngineKey;
  readonly nodeKey: EngineKey;
  readonly engine: EngineSettings;
  readonly node: ChainNodeConfig;
}

const write = (path: string, text: string, mode = 0o644): void => {
  mkdirSync(dirname(path), { recursive: true });
  // An existing file is somebody's key or chain.
  writeFileSync(path, text, { flag: 'wx', mode });
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** @throws ChainHomeError when there is a chain in the directory already */
export const insistNewHome = (directory: string): ChainHome => {
  const paths = chainHome(directory);
  if (existsSync(paths.genesis)) throw new ChainHomeError(paths.home, 'already has a chain');
  return paths;
};

export const makeHome = (
  directory: string,
  { genesis, validatorKey, nodeKey, engine, node }: HomeContents,
): ChainHome => {
  const paths = insistNewHome(directory);
  write(paths.engineConfig, engineConfigText(engine));
  write(paths.nodeConfig, json(node));
  write(paths.validatorKey, json(validatorKeyFile(validatorKey)), 0o600);
  write(paths.validatorState, json(newValidatorState), 0o600);
  write(paths.nodeKey, json(nodeKeyFile(nodeKey)), 0o600);
  // Last: a home with a genesis is complete.
  write(paths.genesis, genesis);
  return paths;
};

/** @throws ChainHomeError when the directory has no chain */
export const openHome = (directory: string): ChainHome => {
  const paths = chainHome(directory);
  if (existsSync(paths.genesis)) return paths;
  throw new ChainHomeError(
    paths.home,
    'has no chain: make one with `swingset-kernel chain init`, or join one with `chain join`',
  );
};

/** @throws UsageError for fields that are unknown or wrong: a misspelt one would be ignored */
export const readNodeConfig = ({ nodeConfig }: ChainHome): ChainNodeConfig => {
  if (!existsSync(nodeConfig)) return {};
  const value = readJsonFile(nodeConfig, 'options of the node');
  insistSchema('chain-node', value, nodeConfig);
  return value as ChainNodeConfig;
};

/** The RPC address of the home's engine, as a client on the same machine reaches it. */
export const rpcOfHome = ({ engineConfig }: ChainHome): string => {
  const text = existsSync(engineConfig) ? readFileSync(engineConfig, 'utf8') : '';
  const address = readEngineSetting(text, 'rpc.laddr') ?? 'tcp://127.0.0.1:26657';
  return address
    .replace(/^tcp:/, 'http:')
    .replace(/\/\/(0\.0\.0\.0|\[::\]|:)(?=:?\d)/, '//127.0.0.1');
};

export interface GenesisSummary {
  readonly chainID: string;
  readonly platformEpoch: string;
}

export const readGenesis = ({ genesis }: ChainHome): GenesisSummary => {
  const value = readJsonFile(genesis, 'genesis') as {
    readonly chain_id?: unknown;
    readonly app_state?: { readonly platformEpoch?: unknown };
  };
  const platformEpoch = value.app_state?.platformEpoch;
  if (typeof value.chain_id !== 'string' || typeof platformEpoch !== 'string') {
    throw new ChainHomeError(
      genesis,
      'lacks chain_id or app_state.platformEpoch: it is no genesis of such a chain',
    );
  }
  return { chainID: value.chain_id, platformEpoch };
};
