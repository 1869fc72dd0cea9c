/** `chain query --prove`: a row, and the header whose app hash it was verified against. */
import { rowKeyOf } from '../../host/block-host/queries/rows.js';
import { verifyRowProof } from '../../host/block-host/tree/row-proof.js';
import type { QueryArgs } from './chain-args.js';
import type { Endpoints } from './client/endpoints.js';
import type { BlockHeader, RpcClient } from './client/rpc-client.js';
import type { SendPowers } from './client/send.js';
import { EndpointError, QueryRefusedError, RpcRefusalError } from './errors.js';
import { UsageError } from '../usage-error.js';

export interface ProvenAnswer {
  /** Of the row, in the state tree. */
  readonly key: string;
  /** The row; null if the proof shows that there is none. */
  readonly value: string | null;
  readonly height: bigint;
  /** Of the block after that height, as the node's engine gives it. */
  readonly header: Pick<BlockHeader, 'height' | 'hash' | 'appHash'>;
}

const POLL_MS = 500;

/** The engine's words for a height that it has not reached. */
const NOT_YET = /must be less than or equal to/;

/** Waits for a block: an idle chain makes one every few seconds. */
const headerAt = async (
  client: RpcClient,
  height: bigint,
  timeoutSeconds: number,
  { now, delay }: SendPowers,
): Promise<BlockHeader> => {
  const startedAt = now();
  for (;;) {
    try {
      return await client.header(height);
    } catch (error) {
      if (!(error instanceof RpcRefusalError) || !NOT_YET.test(error.reason)) throw error;
      if (now() - startedAt >= timeoutSeconds * 1000) {
        const problem = `block ${height}, which has the app hash, did not come within ${timeoutSeconds} s`;
        throw new EndpointError(client.endpoint, 'block', problem);
      }
    }
    await delay(POLL_MS);
  }
};

/**
 * @throws BadProofError for a proof that does not lead to the header's app hash; UsageError for a
 *   path without proofs; QueryRefusedError, EndpointError
 */
export const queryProven = async (
  endpoints: Endpoints,
  { path, timeout }: Pick<QueryArgs, 'path' | 'timeout'>,
  powers: SendPowers,
): Promise<ProvenAnswer> => {
  // Not as the node says: it could prove another row.
  const key = rowKeyOf(path);
  if (key === undefined) {
    throw new UsageError(
      `--prove: expected /storage/<path>, /result/<action>, /row/c.<row> or /row/x.kv.<row>, got ${path}`,
    );
  }
  return endpoints.ask(async client => {
    const { code, log, value, height, proofOps } = await client.query(path, { prove: true });
    if (code !== 0) throw new QueryRefusedError(path, code, log);
    const next = await headerAt(client, height + 1n, timeout, powers);
    const row = verifyRowProof(Buffer.from(next.appHash, 'hex'), { key, value, proofOps });
    return {
      key,
      value: row && Buffer.from(row).toString('utf8'),
      height,
      header: { height: next.height, hash: next.hash, appHash: next.appHash },
    };
  });
};
