/** Answers CheckTx and Query. They refuse by code, whatever happens. */
import { CheckTxType } from 'cosmjs-types/tendermint/abci/types.js';
import type { RequestCheckTx, RequestQuery } from 'cosmjs-types/tendermint/abci/types.js';
import { errorText } from '../errors.js';
import type { BlockHost, QueryResult } from '../host/block-host/types.js';
import { CODESPACE } from './answer-block.js';
import { toInt64, type AbciResponse } from './codec.js';
import type { Report } from './report.js';

/** A fault of this node, not of the request. The block host has no such code. */
const INTERNAL = 1000;

/** The request asks for what this application does not have. */
const UNSUPPORTED = 1001;

export const checkTx = (
  host: BlockHost,
  { tx, type }: RequestCheckTx,
  report: Report,
): AbciResponse => {
  try {
    const { code, log, data } = host.check(tx, type === CheckTxType.RECHECK ? 'recheck' : 'new');
    const codespace = code === 0 ? '' : CODESPACE;
    return { kind: 'checkTx', value: { code, data, log: log.toWellFormed(), codespace } };
  } catch (error) {
    report(`CheckTx failed: ${errorText(error)}`);
    const log = errorText(error).toWellFormed();
    return { kind: 'checkTx', value: { code: INTERNAL, log, codespace: CODESPACE } };
  }
};

const refuse = (code: number, log: string): AbciResponse => ({
  kind: 'query',
  value: { code, log: log.toWellFormed(), codespace: CODESPACE },
});

/** Why the answer is not the one that was asked for. */
const misfit = ({ height }: RequestQuery, answered: number): string | undefined => {
  if (height === 0n || height === BigInt(answered)) return undefined;
  return (
    `height: expected 0 or ${answered}, the last committed one, got ${height}; ` +
    'this application keeps no older states'
  );
};

const fromResult = ({ code, log, key, value, height, proof }: QueryResult): AbciResponse => ({
  kind: 'query',
  value: {
    code,
    log: log.toWellFormed(),
    key,
    value,
    height: toInt64(height, 'query.height'),
    ...(proof && { proofOps: { ops: proof.map(op => ({ ...op })) } }),
    codespace: code === 0 ? '' : CODESPACE,
  },
});

export const query = (host: BlockHost, request: RequestQuery, report: Report): AbciResponse => {
  try {
    const { path, data, prove } = request;
    const result = host.query({ path, data, prove });
    const problem = misfit(request, result.height);
    return problem === undefined ? fromResult(result) : refuse(UNSUPPORTED, problem);
  } catch (error) {
    report(`Query failed: ${errorText(error)}`);
    return refuse(INTERNAL, errorText(error));
  }
};
