/** Asks the inspector's server. */
import type { ErrorAnswer } from '../answers.js';
import { readToken } from './token.js';

/** Why there is no answer. `code` is `NO_SERVER` when nobody answered. */
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
export const ask = async <T>(path: string, signal: AbortSignal): Promise<T> => {
  let response: Response;
  try {
    response = await fetch(path, { headers: { authorization: `Bearer ${token}` }, signal });
  } catch (error) {
    signal.throwIfAborted();
    const message = `the inspector does not answer: ${String(error)}`;
    throw new AnswerError({ code: 'NO_SERVER', message });
  }
  const body = await readBody(response);
  if (response.ok) return body as T;
  const { error } = (body ?? {}) as Partial<ErrorAnswer>;
  throw new AnswerError(error ?? { code: 'BAD_ANSWER', message: `status ${response.status}` });
};
