/** Requests over connections that are kept, and how they end. */
import { Agent, request, type OutgoingHttpHeaders } from 'node:http';

export interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

export interface Answered {
  /** The status, `closed`, or the code of an error that says that nobody listens. */
  readonly outcome: string;
  readonly text: string;
}

export interface HttpClient {
  readonly ask: (path: string, asked?: Asked) => Promise<Answered>;
  readonly post: (path: string, body: string, headers?: OutgoingHttpHeaders) => Promise<Answered>;
  readonly close: () => void;
}

const CLOSES = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'];

const outcomeOf = ({ code = 'UNKNOWN' }: NodeJS.ErrnoException): string =>
  CLOSES.includes(code) ? 'closed' : code;

export const makeHttpClient = (
  port: number,
  headers: OutgoingHttpHeaders,
  maxSockets: number,
): HttpClient => {
  const agent = new Agent({ keepAlive: true, maxSockets });
  const ask: HttpClient['ask'] = (path, asked = {}) =>
    new Promise(resolve => {
      const { method = 'GET', body } = asked;
      const sent = request(
        { host: '127.0.0.1', port, path, method, agent, headers: { ...headers, ...asked.headers } },
        answer => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          answer.on('close', () =>
            resolve({ outcome: answer.complete ? String(answer.statusCode) : 'closed', text }),
          );
          answer.on('error', () => undefined);
        },
      );
      // After an answer, it changes nothing.
      sent.on('error', error => resolve({ outcome: outcomeOf(error), text: '' }));
      sent.end(body);
    });
  return {
    ask,
    post: (path, body, more) =>
      ask(path, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...more,
        },
      }),
    close: () => agent.destroy(),
  };
};
