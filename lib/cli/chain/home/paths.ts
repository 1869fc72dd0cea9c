/** Where a node of a chain keeps its files. `config` and `data` are CometBFT's own folders. */
import { join, resolve } from 'node:path';
import { storePathOf } from '../../../host/block-host/store-path.js';
import { upgradeInfoPath } from '../../../host/block-host/upgrade-info.js';

export interface ChainHome {
  /** Absolute. */
  readonly home: string;
  readonly genesis: string;
  readonly engineConfig: string;
  /** Options of this node alone: `schemas/chain-node.schema.json`. */
  readonly nodeConfig: string;
  readonly validatorKey: string;
  readonly validatorState: string;
  readonly nodeKey: string;
  readonly engineLog: string;
  /** The unix socket between engine and application. */
  readonly socket: string;
  readonly upgradeInfo: string;
  /** The directory of the swingstore. */
  readonly store: string;
}

export const chainHome = (directory: string): ChainHome => {
  const home = resolve(directory);
  return {
    home,
    genesis: join(home, 'config/genesis.json'),
    engineConfig: join(home, 'config/config.toml'),
    nodeConfig: join(home, 'config/app.json'),
    validatorKey: join(home, 'config/priv_validator_key.json'),
    validatorState: join(home, 'data/priv_validator_state.json'),
    nodeKey: join(home, 'config/node_key.json'),
    engineLog: join(home, 'data/engine.log'),
    socket: join(home, 'data/app.sock'),
    upgradeInfo: upgradeInfoPath(home),
    store: storePathOf(home),
  };
};
