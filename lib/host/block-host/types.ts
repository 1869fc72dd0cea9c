/**
 * The block host: turns the blocks of a consensus engine into the state of one swingset. It knows no
 * engine. Source: design.md, section 8.
 *
 * Everything here that decides state comes from the genesis, an upgrade plan or a transaction. The
 * options of a node (`LocalOptions`) never do.
 */
import type { PlatformEpoch } from '../../types/platform-epoch.js';

/** Seconds and nanoseconds since 1970, as the engine agreed on them. */
export interface BlockTime {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** What a node tells an engine when they meet. */
export interface ChainInfo {
  /** The last committed height; 0 before the first block. */
  readonly height: number;
  /** Of that height; empty before `init`. */
  readonly appHash: Uint8Array;
  /** 1 at genesis, one more with each upgrade. Follows from state alone. */
  readonly appVersion: bigint;
  /** The epoch in the store's ledger. */
  readonly platformEpoch: PlatformEpoch | undefined;
}

export interface Block {
  readonly height: number;
  readonly time: BlockTime;
  readonly txs: readonly Uint8Array[];
  /** The engine's hash of the block, to tell a repetition from another block. */
  readonly hash: Uint8Array;
}

/** A refusal that an engine and a client see. `code` 0 means success; the codes are in `codes.ts`. */
export interface TxResult {
  readonly code: number;
  /** Text for people: names the field and the value at fault. Equal on all replicas. */
  readonly log: string;
  /** JSON for programs. Equal on all replicas. */
  readonly data: Uint8Array;
}

export interface CheckResult extends TxResult {
  /** Higher goes first into a block. */
  readonly priority: bigint;
  readonly sender: string;
}

export interface BlockEvent {
  readonly type: string;
  readonly attributes: readonly (readonly [key: string, value: string])[];
}

export interface ValidatorUpdate {
  /** Raw ed25519 key. */
  readonly publicKey: Uint8Array;
  /** 0 removes the validator. */
  readonly power: bigint;
}

export interface BlockResult {
  readonly appHash: Uint8Array;
  /** One for each transaction, in order. */
  readonly txResults: readonly TxResult[];
  readonly events: readonly BlockEvent[];
  readonly validatorUpdates: readonly ValidatorUpdate[];
  /** Set by the block that upgrades: the version from the next header on. */
  readonly appVersion?: bigint;
}

export interface ProposalLimits {
  readonly height: number;
  /** Of the transactions as they stand in a block: an engine that gets more stops. */
  readonly maxBytes: number;
}

export interface Query {
  /** `/status`, `/account/<address>`, … See `docs/chain.md`. */
  readonly path: string;
  readonly data: Uint8Array;
  /** Asks for a row with its proof: `/row/<key>`, `/storage/<path>` or `/result/<action>`. */
  readonly prove?: boolean;
}

/** A step from a row to the app hash, for the engine's RPC. See `docs/chain.md`. */
export interface ProofOp {
  readonly type: string;
  readonly key: Uint8Array;
  readonly data: Uint8Array;
}

export interface QueryResult {
  readonly code: number;
  readonly log: string;
  /** The path; with a proof, the row's key in the state tree. */
  readonly key: Uint8Array;
  /** JSON; with a proof, the bytes of the row, or none if the proof shows that there is no row. */
  readonly value: Uint8Array;
  /** The committed height that the answer is of. The next header has its app hash. */
  readonly height: number;
  readonly proof?: readonly ProofOp[];
}

export interface SnapshotDescription {
  readonly height: number;
  readonly format: number;
  readonly chunks: number;
  readonly hash: Uint8Array;
  /** The hashes of the chunks, and what else a restore checks before it has all of them. */
  readonly metadata: Uint8Array;
}

export type OfferAnswer = 'accept' | 'abort' | 'reject' | 'reject-format' | 'reject-sender';

export interface ApplyAnswer {
  readonly result: 'accept' | 'abort' | 'retry' | 'retry-snapshot' | 'reject-snapshot';
  readonly refetchChunks: readonly number[];
  readonly rejectSenders: readonly string[];
}

export interface InitRequest {
  readonly chainID: string;
  readonly time: BlockTime;
  readonly initialHeight: number;
  /** The genesis' `app_state`: JSON. Checked against `schemas/chain-genesis.json`. */
  readonly appState: Uint8Array;
  readonly validators: readonly ValidatorUpdate[];
}

/**
 * One chain on one node. Calls that change state come one after the other; `info`, `check`, `query`
 * and `load` may come at any time, and answer from committed state while a block executes.
 */
export interface BlockHost {
  info(): ChainInfo;
  /** Makes the swingset of the genesis. @returns the app hash of the genesis' state */
  init(request: InitRequest): Promise<{ readonly appHash: Uint8Array }>;
  check(tx: Uint8Array, kind: 'new' | 'recheck'): CheckResult;
  /** The transactions of a block that this node proposes, by priority, within size and budget. */
  prepare(txs: readonly Uint8Array[], limits: ProposalLimits): readonly Uint8Array[];
  /** Why no honest proposer makes this block; undefined if it is in order. */
  refuse(txs: readonly Uint8Array[], limits: ProposalLimits): string | undefined;
  /**
   * Executes a block in the store's open transaction.
   *
   * @throws HeightError when the height is not the next one; UpgradeNeededError when this height
   *   needs software that this is not
   */
  executeBlock(block: Block): Promise<BlockResult>;
  /** Makes the executed block durable, and lets the outputs of devices out. */
  commit(): Promise<{ readonly retainHeight: number }>;
  query(query: Query): QueryResult;
  listSnapshots(): readonly SnapshotDescription[];
  load(height: number, format: number, chunk: number): Promise<Uint8Array>;
  /** `appHash` is the one that the light client trusts. */
  offer(snapshot: SnapshotDescription, appHash: Uint8Array): Promise<OfferAnswer>;
  apply(chunk: number, bytes: Uint8Array, sender: string): Promise<ApplyAnswer>;
  close(): Promise<void>;
}
