/** Asks the inspector's server. */
import type { ErrorAnswer } from '../answers.js';
import { readToken } from './token.js';

/** Why there is no answer. `code` is `NO_SERVER` when nobody answered, or not to the end. */
export class AnswerError extends Error {
  readonly code: string;

  constructor({ code, message }: ErrorAnswer['error']) {
    super(message);
    this.code = code;
  }
}

const token = readToken();

const readBody = async (response: Response): Promise<unknown> => {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
};

/** @throws AnswerError, and an AbortError when the signal is aborted */
const request = async <T>(
  path: string,
  { headers, signal = null, ...init }: RequestInit,
): Promise<T> => {
  let response: Response;
  try {
    // No other site's page knows the token, and none can send this header without asking us first.
    const shown = { ...headers, authorization: `Bearer ${token}` };
    response = await fetch(path, { ...init, headers: shown, signal });
  } catch (error) {
    signal?.throwIfAborted();
    const message = `the inspector does not answer: ${String(error)}`;
    throw new AnswerError({ code: 'NO_SERVER', message });
  }
  const body = await readBody(response);
  // An abort also cuts off the body, which is then no answer without data.
  signal?.throwIfAborted();
  if (response.ok && body === undefined) {
    throw new AnswerError({ code: 'NO_SERVER', message: 'the answer was cut off' });
  }
  if (response.ok) return body as T;
  const { error } = (body ?? {}) as Partial<ErrorAnswer>;
  throw new AnswerError(error ?? { code: 'BAD_ANSWER', message: `status ${response.status}` });
};

/** @throws AnswerError, and an AbortError when the signal is aborted */
export const ask = <T>(path: string, signal: AbortSignal): Promise<T> => request(path, { signal });

/** @param body - JSON as text. @throws AnswerError */
export const post = <T>(path: string, body: string): Promise<T> =>
  request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
