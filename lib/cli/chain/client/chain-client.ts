/** What clients ask of a chain: queries with JSON answers, accounts, results of actions. */
import { refusalCodes } from '../../../host/block-host/codes.js';
import { EndpointError, QueryRefusedError } from '../errors.js';
import { makeEndpoints } from './endpoints.js';
import type { Endpoints } from './endpoints.js';
import { makeRpcClient } from './rpc-client.js';

export const connect = (nodes: readonly string[]): Endpoints =>
  makeEndpoints(nodes.map(node => makeRpcClient(node)));

export interface ChainAnswer {
  readonly value: unknown;
  /** The height that the answer is of. */
  readonly height: bigint;
}

/**
 * Asks for committed state.
 * @throws QueryRefusedError, EndpointError
 */
export const queryChain = (endpoints: Endpoints, path: string): Promise<ChainAnswer> =>
  endpoints.ask(async client => {
    const { code, log, value, height } = await client.query(path);
    if (code !== 0) throw new QueryRefusedError(path, code, log);
    endpoints.note(height);
    try {
      return { value: JSON.parse(value.toString('utf8')) as unknown, height };
    } catch (error) {
      throw new EndpointError(client.endpoint, path, error);
    }
  });

export const isAboutSequence = (code: number): boolean => code === refusalCodes.sequence;

/** The number of the account's next transaction. */
export const nextSequence = async (endpoints: Endpoints, address: string): Promise<number> => {
  const { value } = await queryChain(endpoints, `/account/${address}`);
  const { sequence } = value as { readonly sequence?: unknown };
  if (typeof sequence === 'number') return sequence;
  throw new EndpointError('/account', address, TypeError('the answer has no sequence'));
};

export interface ActionResult {
  readonly state: string;
  readonly value?: unknown;
}

/** The result of an action. Undefined while it is pending or not executed. */
export const readActionResult = async (
  endpoints: Endpoints,
  id: string,
): Promise<ActionResult | undefined> => {
  try {
    const result = (await queryChain(endpoints, `/result/${id}`)).value as ActionResult;
    return ['queued', 'pending'].includes(result.state) ? undefined : result;
  } catch (error) {
    if (error instanceof QueryRefusedError && error.refusal === refusalCodes.notFound) {
      return undefined;
    }
    throw error;
  }
};
