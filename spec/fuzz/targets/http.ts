/**
 * Requests to the servers of one machine: the solo server of a real swingset, and the inspector of
 * its store. Requests are bytes on a socket, so that they need not be HTTP.
 */
import '../without-mocha.js';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { startInspector } from '../../../lib/inspector/start-inspector.js';
import { start as startServer } from '../../host/solo-server/support.js';
import { Finding, insist } from '../oracle.js';
import { ACCEPTED, type Input, type Session, type Target } from '../target.js';

interface Request {
  readonly to: string;
  readonly method: string;
  readonly path: string;
  /** `~token~` stands for the server's. */
  readonly headers: { readonly [name: string]: string };
  /** A text is sent as it is, other data as JSON. */
  readonly body: Input;
}

const TOKEN = '~token~';
const authorization = `Bearer ${TOKEN}`;

const get = (to: string, path: string): Request => ({
  to,
  method: 'GET',
  path,
  headers: { authorization },
  body: '',
});
const post = (path: string, body: Input): Request => ({
  to: 'solo',
  method: 'POST',
  path,
  headers: { authorization, 'content-type': 'application/json' },
  body,
});

const corpus: readonly Request[] = [
  get('solo', '/health'),
  get('solo', '/v1/status'),
  get('solo', '/v1/vats?limit=2&after=v1'),
  get('solo', '/metrics'),
  post('/v1/messages', { vat: 'tally', method: 'add', args: [1, { a: [null, 'é'] }] }),
  post('/v1/messages', { vat: 'tally', method: 'echo', args: [] }),
  post('/v1/actions/drain', {}),
  post('/v1/actions/suspend', { vat: 'tally' }),
  post('/v1/actions/resume', { vat: 'tally' }),
  post('/v1/actions/restart', { vat: 'tally', message: 'x' }),
  ...['overview', 'epochs', 'activity', 'vats?limit=2&after=0', 'vats/v1', 'pulse?after=1'].map(
    path => get('inspector', `/api/${path}`),
  ),
  ...[
    'vats/v1/transcript?limit=3',
    'vats/v1/waiting',
    'queues/run?from=0',
    'objects',
    'devices',
  ].map(path => get('inspector', `/api/${path}`)),
  ...['promises?state=fulfilled', 'clists/v1?kind=ko', 'krefs/ko20', 'vats/v2/transcript/1'].map(
    path => get('inspector', `/api/${path}`),
  ),
  get('inspector', '/'),
];

const textOf = (value: Input): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** Other data than a record of this form is sent as it is. */
const asRequest = (input: Input): (Request & { readonly body: string }) | undefined => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const { to, method, path, headers, body } = input as Record<string, Input | undefined>;
  const isBag = typeof headers === 'object' && headers !== null && !Array.isArray(headers);
  return {
    to: typeof to === 'string' ? to : 'solo',
    method: typeof method === 'string' ? method : 'GET',
    path: typeof path === 'string' ? path : '/',
    headers: isBag
      ? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, textOf(value)]))
      : {},
    body: textOf(body ?? null),
  };
};

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** After this, bytes that are half a request, or an answer that is asked to wait, end here. */
const PATIENCE_MS = 200;

/** A server that does not close a connection whose other end is closed has lost it. */
const CLOSE_MS = 30_000;

/** Sends bytes, and reads until the server closes. Undefined if it never does. */
const exchange = (port: number, bytes: Buffer, patience: number): Promise<string | undefined> =>
  new Promise(resolve => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', port });
    let timer = setTimeout(() => {
      socket.end();
      timer = setTimeout(() => {
        resolve(undefined);
        socket.destroy();
      }, CLOSE_MS);
    }, patience);
    socket.on('data', chunk => chunks.push(chunk));
    // A server that refuses early closes while bytes still come.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString());
    });
    socket.write(bytes);
  });

const bytesOf = (input: Input, port: number, token: string): Buffer => {
  const request = asRequest(input);
  if (!request) return Buffer.from(textOf(input));
  const { method, path, headers, body } = request;
  const given = { host: `127.0.0.1:${port}`, connection: 'close', ...headers };
  const length = Buffer.byteLength(body);
  const all = body === '' ? given : { 'content-length': `${length}`, ...given };
  const lines = Object.entries(all).map(
    ([name, value]) => `${name}: ${value.replaceAll(TOKEN, token)}`,
  );
  return Buffer.from([`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n'));
};

const answerOf = (text: string): Answer | undefined => {
  const found = /^HTTP\/1\.1 (\d{3})/.exec(text);
  if (!found) return undefined;
  const at = text.indexOf('\r\n\r\n');
  return { status: Number(found[1]), body: at < 0 ? '' : text.slice(at + 4) };
};

/** The code of an answer that refuses, whose body may come in chunks. */
const codeIn = ({ status, body }: Answer): string => {
  const found = /\{"error":\{"code":"([A-Z][A-Z0-9_]*)","message":".*"\}\}/s.exec(body);
  if (!found) throw new Finding(`status ${status} without a code: ${body.slice(0, 200)}`);
  return found[1]!;
};

/** All that those without the token are told by the solo server. */
const FOR_STRANGERS = new Set([
  ...['UNAUTHORIZED', 'BAD_HTTP', 'HEADERS_TOO_LARGE', 'REQUEST_TIMEOUT', 'TOO_MANY_REQUESTS'],
]);

const start = async (): Promise<Session> => {
  const server = await startServer({ limits: { maxRequestsPerSecond: 1_000_000 } });
  await server.call('tally', 'add', 1);
  const inspector = await startInspector({ home: server.home });
  let count = 0;

  const health = async (): Promise<string> => {
    const { status, text } = await server.ask('/health', {}, 'none');
    insist(status === 200, `the server answers ${status} when asked for its health`);
    return text;
  };

  const attempt = async (input: Input): Promise<string> => {
    const request = asRequest(input);
    const isInspector = request ? request.to === 'inspector' : count % 2 === 0;
    const { port, token } = isInspector ? inspector : server;
    count += 1;
    const bytes = bytesOf(input, port, token);
    const isStranger = !bytes.includes(token);
    // What earlier requests asked for is done after this.
    if (isStranger && !isInspector) await server.post('/v1/actions/drain', {});
    const before = isStranger && !isInspector ? await health() : '';
    const isValid = corpus.includes(input as unknown as Request);
    const text = await exchange(port, bytes, isValid ? CLOSE_MS : PATIENCE_MS);
    if (isStranger && !isInspector) {
      insist((await health()) === before, 'somebody without the token has changed the state');
    } else if (count % 20 === 0) await health();
    if (text === undefined) throw new Finding('a connection is not closed');
    const answer = answerOf(text);
    // Half a request.
    if (!answer) return 'NO_ANSWER';
    const { status } = answer;
    if (status === 429) await wait(1_000);
    insist(status < 500 || status === 503, `status ${status}: ${answer.body.slice(0, 200)}`);
    if (status < 400) {
      const isOpen = isInspector
        ? !answer.body.includes('"crankNumber"')
        : /health/i.test(bytes.toString());
      insist(!isStranger || status === 100 || isOpen, `a stranger gets status ${status}`);
      return ACCEPTED;
    }
    // A HEAD request gets no body.
    if (answer.body === '') return `status ${status}`;
    const code = codeIn(answer);
    insist(isInspector || !isStranger || FOR_STRANGERS.has(code), `a stranger gets ${code}`);
    return code;
  };

  return {
    corpus: corpus as unknown as readonly Input[],
    attempt,
    end: async () => {
      await inspector.close();
      await server.stop().catch(() => undefined);
    },
  };
};

export const http: Target = {
  name: 'http',
  what: "the solo server's and the inspector's HTTP servers, as bytes on a socket",
  lifetime: 20_000,
  words: [
    ...[
      TOKEN,
      authorization,
      'solo',
      'inspector',
      'GET',
      'POST',
      'HEAD',
      'OPTIONS',
      'PUT',
      'TRACE',
    ],
    ...[
      '/health',
      '/v1/messages',
      '/v1/results/kp40',
      '?wait=1',
      '/v1/actions/suspend',
      '%',
      '%2e',
    ],
    ...['/v1/actions/upgrade', '/v1/bundles?bundleID=x', '/v1/events', '/api/vats/v1', '//', '..'],
    ...['content-length', 'transfer-encoding', 'chunked', 'connection', 'keep-alive', 'upgrade'],
    ...['websocket', 'content-type', 'application/json', 'text/plain', 'expect', '100-continue'],
    ...['host', 'origin', 'x-forwarded-for', '\r\n', '\r\n\r\n', '{"vat":"tally","method":"x"}'],
    ...['vat', 'method', 'args', 'event', 'index', 'bundleID', 'moduleFormat', '{"__proto__":{}}'],
    ...['tally', 'bootstrap', 'v1', 'v2', '/v1/actions/drop', '/v1/actions/restart', 'HTTP/1.0'],
  ],
  start,
};
