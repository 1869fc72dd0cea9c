/**
 * CometBFT's RPC over JSON-RPC, as much of it as the `chain` commands need. Numbers of 64 bits
 * arrive as decimal strings and become bigints.
 *
 * Errors tell two things apart: an endpoint that can't be reached, answers nonsense or is in trouble
 * itself (EndpointError: try another), and a request that the engine refuses (RpcRefusalError).
 */
import type { ProofOp } from '../../../host/block-host/types.js';
import { EndpointError, RpcRefusalError } from '../errors.js';

export interface RpcOptions {
  /** Of one request, in milliseconds. */
  readonly timeoutMs?: number;
}

/** The result of a transaction, at its check or in its block. */
export interface TxOutcome {
  readonly code: number;
  readonly log: string;
  readonly data: Buffer;
}

export interface CommittedTx extends TxOutcome {
  readonly hash: string;
  readonly height: bigint;
}

export interface EngineStatus {
  readonly chainID: string;
  readonly moniker: string;
  readonly nodeID: string;
  readonly engineVersion: string;
  readonly height: bigint;
  /** Of the latest block's header: the state after the block before it. Hex. */
  readonly appHash: string;
  readonly blockTime: string;
  readonly catchingUp: boolean;
  readonly validatorAddress: string;
  readonly votingPower: bigint;
}

export interface QueryAnswer {
  readonly code: number;
  readonly log: string;
  readonly value: Buffer;
  readonly height: bigint;
  /** None unless it was asked for. */
  readonly proofOps: readonly ProofOp[];
}

export interface BlockHeader {
  readonly height: bigint;
  readonly time: string;
  /** Hex, of the state after the block before this one. */
  readonly appHash: string;
  readonly appVersion: bigint;
  /** Of the block, hex. */
  readonly hash: string;
}

export interface RpcClient {
  readonly endpoint: string;
  status(): Promise<EngineStatus>;
  /** Hands a transaction to the mempool, and returns the result of its check. */
  broadcast(tx: Uint8Array): Promise<TxOutcome>;
  /** Undefined if no committed block has it. */
  findTx(hash: string): Promise<CommittedTx | undefined>;
  query(path: string, options?: { readonly prove?: boolean }): Promise<QueryAnswer>;
  /** The header of a committed block; without a height, of the latest. */
  header(height?: bigint): Promise<BlockHeader>;
  /** The raw transactions of a block. */
  txsOf(height: bigint): Promise<readonly Buffer[]>;
  peers(): Promise<number>;
  unconfirmedTxs(): Promise<number>;
}

const DEFAULT_TIMEOUT_MS = 10_000;

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An answer that does not have the expected field. */
const unexpected = (path: string, value: unknown): TypeError =>
  new TypeError(`unexpected answer: ${path} is ${JSON.stringify(value) ?? 'missing'}`);

/** Reads fields of an answer by their paths, `sync_info.latest_block_height`. */
const fieldsOf = (answer: unknown) => {
  const get = (path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), answer);
  const text = (path: string): string => {
    const value = get(path);
    if (typeof value !== 'string') throw unexpected(path, value);
    return value;
  };
  return {
    get,
    text,
    /** A missing or null text is empty, as Go writes it. */
    optionalText: (path: string): string => (get(path) == null ? '' : text(path)),
    bigint: (path: string): bigint => {
      const value = text(path);
      if (!/^-?[0-9]+$/.test(value)) throw unexpected(path, value);
      return BigInt(value);
    },
    number: (path: string): number => {
      const value = get(path) ?? 0;
      if (typeof value !== 'number') throw unexpected(path, value);
      return value;
    },
    bytes: (path: string): Buffer => Buffer.from(get(path) == null ? '' : text(path), 'base64'),
  };
};

const outcomeOf = (answer: unknown): TxOutcome => {
  const fields = fieldsOf(answer);
  return {
    code: fields.number('code'),
    log: fields.optionalText('log'),
    data: fields.bytes('data'),
  };
};

const proofOpsOf = (value: unknown): readonly ProofOp[] => {
  if (value == null) return [];
  const ops = fieldsOf(value).get('ops') ?? [];
  if (!Array.isArray(ops)) throw unexpected('response.proofOps.ops', ops);
  return ops.map(op => {
    const fields = fieldsOf(op);
    return { type: fields.text('type'), key: fields.bytes('key'), data: fields.bytes('data') };
  });
};

/** A fetch that failed hides its reason in `cause`. */
const reasonOf = (error: unknown): unknown => {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError) return cause.errors[0] ?? cause;
  return cause ?? error;
};

const INTERNAL_ERROR = -32603;

/**
 * What an engine says of the request itself in an internal error. All other internal errors are
 * about the node: its mempool is full, or its application is gone.
 */
const VERDICT = /not found|already exists|too large|pre check|height/i;

const TX_NOT_FOUND = /^tx \([0-9A-Fa-f]+\) not found/;

/** The mempool's words for a transaction that it has or had. */
const ALREADY_KNOWN = /tx already exists in cache/;

/** @param endpoint - `http://host:port`; `tcp://`, as the engine's own settings say, means the same */
export const makeRpcClient = (
  endpoint: string,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: RpcOptions = {},
): RpcClient => {
  const url = endpoint.replace(/^tcp:/, 'http:');
  let lastID = 0;

  const call = async (method: string, params: Json = {}): Promise<unknown> => {
    lastID += 1;
    let answer: unknown;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: lastID, method, params }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      try {
        answer = JSON.parse(text);
      } catch {
        throw TypeError(`HTTP ${response.status}: ${text.slice(0, 200)}`);
      }
    } catch (error) {
      throw new EndpointError(endpoint, method, reasonOf(error));
    }
    if (isRecord(answer) && isRecord(answer.error)) {
      const { code, message, data } = answer.error;
      const reason = [data, message].find(each => typeof each === 'string' && each !== '');
      if (code === INTERNAL_ERROR && !VERDICT.test(String(reason))) {
        throw new EndpointError(endpoint, method, reason);
      }
      throw new RpcRefusalError(endpoint, method, Number(code), String(reason));
    }
    if (!isRecord(answer) || answer.result === undefined) {
      throw new EndpointError(endpoint, method, unexpected('result', answer));
    }
    return answer.result;
  };

  /** Calls, and reads the answer. */
  const ask = async <T>(method: string, params: Json, read: (answer: unknown) => T): Promise<T> => {
    const answer = await call(method, params);
    try {
      return read(answer);
    } catch (error) {
      throw new EndpointError(endpoint, method, error);
    }
  };

  const readHeader = (answer: unknown): BlockHeader => {
    const fields = fieldsOf(answer);
    return {
      height: fields.bigint('block.header.height'),
      time: fields.text('block.header.time'),
      appHash: fields.text('block.header.app_hash').toLowerCase(),
      appVersion:
        fields.get('block.header.version.app') === undefined
          ? 0n
          : fields.bigint('block.header.version.app'),
      hash: fields.text('block_id.hash').toLowerCase(),
    };
  };

  const at = (height?: bigint): Json => (height === undefined ? {} : { height: `${height}` });

  return {
    endpoint,
    status: () =>
      ask('status', {}, answer => {
        const fields = fieldsOf(answer);
        return {
          chainID: fields.text('node_info.network'),
          moniker: fields.text('node_info.moniker'),
          nodeID: fields.text('node_info.id'),
          engineVersion: fields.text('node_info.version'),
          height: fields.bigint('sync_info.latest_block_height'),
          appHash: fields.optionalText('sync_info.latest_app_hash').toLowerCase(),
          blockTime: fields.text('sync_info.latest_block_time'),
          catchingUp: fields.get('sync_info.catching_up') === true,
          validatorAddress: fields.text('validator_info.address'),
          votingPower: fields.bigint('validator_info.voting_power'),
        };
      }),
    broadcast: async tx => {
      try {
        return await ask(
          'broadcast_tx_sync',
          { tx: Buffer.from(tx).toString('base64') },
          outcomeOf,
        );
      } catch (error) {
        if (!(error instanceof RpcRefusalError) || !ALREADY_KNOWN.test(error.reason)) throw error;
        return { code: 0, log: '', data: Buffer.alloc(0) };
      }
    },
    findTx: async hash => {
      try {
        return await ask(
          'tx',
          { hash: Buffer.from(hash, 'hex').toString('base64'), prove: false },
          answer => {
            const fields = fieldsOf(answer);
            return { ...outcomeOf(fields.get('tx_result')), hash, height: fields.bigint('height') };
          },
        );
      } catch (error) {
        if (error instanceof RpcRefusalError && TX_NOT_FOUND.test(error.reason)) return undefined;
        throw error;
      }
    },
    query: (path, { prove = false } = {}) =>
      ask('abci_query', { path, data: '', prove }, answer => {
        const fields = fieldsOf(answer);
        return {
          code: fields.number('response.code'),
          log: fields.optionalText('response.log'),
          value: fields.bytes('response.value'),
          height: fields.get('response.height') == null ? 0n : fields.bigint('response.height'),
          proofOps: proofOpsOf(fields.get('response.proofOps')),
        };
      }),
    header: height => ask('block', at(height), readHeader),
    txsOf: height =>
      ask('block', at(height), answer => {
        const txs = fieldsOf(answer).get('block.data.txs') ?? [];
        if (!Array.isArray(txs)) throw unexpected('block.data.txs', txs);
        return txs.map(tx => Buffer.from(String(tx), 'base64'));
      }),
    peers: () => ask('net_info', {}, answer => Number(fieldsOf(answer).text('n_peers'))),
    unconfirmedTxs: () =>
      ask('num_unconfirmed_txs', {}, answer => Number(fieldsOf(answer).text('total'))),
  };
};
