/** Asks an inspector, with any headers. `fetch` does not let the `Host` be chosen. */
import { request, type IncomingHttpHeaders } from 'node:http';
import type { Inspector } from '../../../lib/inspector/start-inspector.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Any shape: specs compare it. */
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

interface Asked {
  readonly method?: string;
  readonly host?: string;
  /** Null shows none. */
  readonly token?: string | null;
  /** Sent as JSON. */
  readonly body?: unknown;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const makeAsk =
  ({ port, token: own }: Inspector) =>
  (path: string, { method = 'GET', host, token = own, body }: Asked = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(host !== undefined && { host }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      const asked = request({ host: '127.0.0.1', port, path, method, headers }, response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: parse(text),
          }),
        );
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
