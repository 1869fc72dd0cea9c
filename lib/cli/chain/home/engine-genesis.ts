/** CometBFT's `genesis.json`: all nodes of a chain have the same bytes. */
import { publicKeyJSON, validatorAddressOf } from './engine-keys.js';
import type { EngineKey } from './engine-keys.js';

export interface GenesisValidator {
  readonly key: EngineKey;
  readonly name: string;
}

export interface GenesisContents {
  readonly chainID: string;
  /** RFC 3339, `2026-01-02T03:04:05.000Z`. */
  readonly time: string;
  readonly validators: readonly GenesisValidator[];
  /** JSON: `schemas/chain-genesis.json`. */
  readonly appState: unknown;
  /** Of one block. */
  readonly maxBlockBytes: number;
}

/** Of all validators at genesis. A `validator` transaction gives others their own. */
const POWER = '10';

export const engineGenesis = ({
  chainID,
  time,
  validators,
  appState,
  maxBlockBytes,
}: GenesisContents): unknown => ({
  genesis_time: time,
  chain_id: chainID,
  initial_height: '1',
  consensus_params: {
    block: { max_bytes: `${maxBlockBytes}`, max_gas: '-1' },
    evidence: {
      max_age_num_blocks: '100000',
      max_age_duration: '172800000000000',
      max_bytes: '1048576',
    },
    validator: { pub_key_types: ['ed25519'] },
    // What the application answers at height 0. `cometbft rollback` breaks if they differ.
    version: { app: '1' },
    abci: { vote_extensions_enable_height: '0' },
  },
  validators: validators.map(({ key, name }) => ({
    address: validatorAddressOf(key),
    pub_key: publicKeyJSON(key),
    power: POWER,
    name,
  })),
  app_hash: '',
  app_state: appState,
});

/** CometBFT refuses longer ones. */
const MAX_CHAIN_ID = 50;

/** Why this can't be a chain's ID. Undefined if it can. */
export const chainIDProblem = (chainID: string): string | undefined =>
  chainID.length <= MAX_CHAIN_ID && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(chainID)
    ? undefined
    : `expected 1 to ${MAX_CHAIN_ID} letters, digits, dots, hyphens and underscores`;
