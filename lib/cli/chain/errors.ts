/** Errors of the `chain` commands. */
import { SwingsetError, errorText } from '../../errors.js';

/** The directory has no chain, or already has one. */
export class ChainHomeError extends SwingsetError {
  readonly code = 'CHAIN_HOME';
  constructor(
    readonly home: string,
    problem: string,
  ) {
    super(`${home} ${problem}`);
  }
}

/** There is no `cometbft` program, or the one that was named does not run. */
export class NoEngineError extends SwingsetError {
  readonly code = 'NO_ENGINE';
}

/** An engine could not be reached, is in trouble, or answered with something that is no answer. */
export class EndpointError extends SwingsetError {
  readonly code = 'ENDPOINT';
  constructor(
    /** URL of the engine's RPC. */
    readonly endpoint: string,
    readonly method: string,
    problem: unknown,
  ) {
    super(`${endpoint}: ${method}: ${errorText(problem)}`, { cause: problem });
  }
}

/** The engine answered that the request itself is at fault. Another endpoint would say the same. */
export class RpcRefusalError extends SwingsetError {
  readonly code = 'RPC_REFUSAL';
  constructor(
    readonly endpoint: string,
    readonly method: string,
    /** JSON-RPC's code. */
    readonly rpcCode: number,
    readonly reason: string,
  ) {
    super(`${endpoint}: ${method}: ${reason}`);
  }
}

/** The chain refused a transaction, at its check or when its block was executed. */
export class TransactionRefusedError extends SwingsetError {
  readonly code = 'TRANSACTION_REFUSED';
  constructor(
    /** SHA-256 of the transaction's bytes, in hex. */
    readonly hash: string,
    /** The chain's code of the refusal. */
    readonly refusal: number,
    readonly log: string,
    /** Height of the block that executed it. Undefined if no block has it. */
    readonly height?: bigint,
  ) {
    const where = height === undefined ? '' : ` in block ${height}`;
    super(`the chain refused the transaction${where} (code ${refusal}): ${log}`);
  }
}

/** No block had the transaction in time. It may still be executed: its bytes stay valid. */
export class TransactionLostError extends SwingsetError {
  readonly code = 'TRANSACTION_LOST';
  constructor(
    readonly hashes: readonly string[],
    seconds: number,
    lastProblem: unknown,
  ) {
    const last =
      lastProblem === undefined ? '' : `; the last problem was: ${errorText(lastProblem)}`;
    super(
      `no block had transaction ${hashes[0]} within ${seconds} s${last}. ` +
        'A later block may still execute it: query the account before you sign another one',
    );
  }
}

/** The chain refused a query. */
export class QueryRefusedError extends SwingsetError {
  readonly code = 'QUERY_REFUSED';
  constructor(
    readonly path: string,
    readonly refusal: number,
    readonly log: string,
  ) {
    super(`query ${path}: ${log} (code ${refusal})`);
  }
}
