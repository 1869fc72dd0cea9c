/**
 * The public API for chains (`swingset-kernel/chain`): the block host, the application that serves
 * it to CometBFT, and transactions. See `docs/chain.md`.
 */
// Must be first, because the other imports load endo.
import './endo-environment/load.js';

export { openBlockHost } from './host/block-host/open-block-host.js';
export { buildGenesis } from './host/block-host/build-genesis.js';
export type { GenesisSources } from './host/block-host/build-genesis.js';
export type { ChainGenesis, Role } from './host/block-host/genesis-types.js';
export type { ChainParams } from './host/chain-params.js';
export type { BlockHostOptions, LocalOptions } from './host/block-host/local-options.js';
export type { DeviceOutput, OutputListener } from './host/block-host/outputs.js';
export { rowKeyOf } from './host/block-host/queries/rows.js';
export { verifyRowProof } from './host/block-host/tree/row-proof.js';
export type { ProvenRow } from './host/block-host/tree/row-proof.js';
export { refusalCodes } from './host/block-host/codes.js';
export type {
  ApplyAnswer,
  Block,
  BlockEvent,
  BlockHost,
  BlockResult,
  BlockTime,
  ChainInfo,
  CheckResult,
  InitRequest,
  OfferAnswer,
  ProofOp,
  ProposalLimits,
  Query,
  QueryResult,
  SnapshotDescription,
  TxResult,
  ValidatorUpdate,
} from './host/block-host/types.js';
export {
  BadGenesisError,
  BadProofError,
  ChainExistsError,
  HeightError,
  HostBusyError,
  HostStoppedError,
  NoChainError,
  NothingExecutedError,
  OtherBlockError,
  TooEarlyError,
  UpgradeNeededError,
  WrongSoftwareError,
} from './host/block-host/errors.js';
export {
  BadSnapshotError,
  NoRestoreError,
  SnapshotDamagedError,
} from './host/block-host/snapshots/errors.js';

export { makeAbciApplication } from './abci/application.js';
export type { ApplicationOptions } from './abci/application.js';
export { startAbciServer } from './abci/server.js';
export type { AbciServer, AbciServerOptions } from './abci/server.js';
export { AbciAddressError, WireError, WireValueError } from './abci/errors.js';

export type { Action, TransactionBody, UpgradePlan } from './host/transactions/action-types.js';
export { addressOf } from './host/transactions/addresses.js';
export { actionsForBundle } from './host/transactions/bundle-chunks.js';
export { readKeyFile, writeKeyFile } from './host/transactions/key-files.js';
export { makeKey } from './host/transactions/keys.js';
export type { SigningKey } from './host/transactions/keys.js';
export { decodeTransaction, signTransaction } from './host/transactions/transaction.js';
export type { DecodedTransaction, SignOptions } from './host/transactions/transaction.js';
export { BadTransactionError, KeyFileError } from './host/transactions/errors.js';
