/** Asks for the result of a message that the server of a home has taken. */
import { SoloRequestError, type SoloClient } from './client.js';
import { SoloServerNotFoundError } from './errors.js';
import type { StoredResult } from './results.js';

/**
 * The result, once it is there or after so many seconds. A message whose result can't be asked for
 * (the server is too busy, or has ended) is unresolved: it is in the store, and whoever were told of
 * a failure would send it again.
 */
export const resultOf = async (
  client: Pick<SoloClient, 'get'>,
  kpid: string,
  seconds: number,
): Promise<Pick<StoredResult, 'status' | 'value'>> => {
  try {
    const result = await client.get(`/v1/results/${kpid}?wait=${seconds}`);
    return result as Pick<StoredResult, 'status' | 'value'>;
  } catch (error) {
    if (error instanceof SoloRequestError || error instanceof SoloServerNotFoundError) {
      return { status: 'unresolved' };
    }
    throw error;
  }
};
