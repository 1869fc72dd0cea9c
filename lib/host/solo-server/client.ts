/**
 * Asks the server of a home, with the token of that home.
 *
 * Boundary: for programs on the same machine. It trusts no answer's shape.
 */
import { SwingsetError, errorText } from '../../errors.js';
import { SoloServerNotFoundError } from './errors.js';
import { findServer } from './server-file.js';
import { readToken } from './token.js';

/** The server refused a request. */
export class SoloRequestError extends SwingsetError {
  readonly code = 'SOLO_REQUEST';
  constructor(
    /** The status of the HTTP answer. */
    readonly status: number,
    /** The code in the server's answer, if it has one. */
    readonly reason: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

export interface SoloClient {
  /** @throws SoloRequestError, SoloServerNotFoundError */
  get(path: string): Promise<Readonly<Record<string, unknown>>>;
  post(path: string, body: unknown): Promise<Readonly<Record<string, unknown>>>;
}

const readAnswer = ({ ok, status }: Response, text: string): Readonly<Record<string, unknown>> => {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  const record = (typeof answer === 'object' && answer !== null ? answer : {}) as Readonly<
    Record<string, unknown>
  >;
  if (ok) return record;
  const { code, message } = (record.error ?? {}) as { readonly code?: string; message?: string };
  throw new SoloRequestError(
    status,
    code,
    message ?? `the server answered ${status} ${text.slice(0, 200)}`,
  );
};

/** @throws SoloServerNotFoundError, SoloTokenError */
export const connectSoloServer = (home: string): SoloClient => {
  const { url, pid } = findServer(home);
  const headers = {
    authorization: `Bearer ${readToken(home)}`,
    'content-type': 'application/json',
  };
  const ask = async (path: string, init: RequestInit) => {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, init);
      text = await response.text();
    } catch (error) {
      const { cause } = error as { readonly cause?: unknown };
      const problem = `process ${pid} does not answer at ${url} (${errorText(cause ?? error)})`;
      throw new SoloServerNotFoundError(home, problem);
    }
    return readAnswer(response, text);
  };
  return {
    get: path => ask(path, { headers: { authorization: headers.authorization } }),
    post: (path, body) => ask(path, { method: 'POST', headers, body: JSON.stringify(body) }),
  };
};
