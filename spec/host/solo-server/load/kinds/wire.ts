/** What is no HTTP, or HTTP as no library sends it. */
import { head, type RawClient } from '../../raw-client.js';
import { CLOSED, type Kind, type Tools } from './kind.js';
import { ADD } from './work.js';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const addHead = (token: string, more: Readonly<Record<string, string | number>> = {}): string =>
  head('POST /v1/messages', {
    ...bearer(token),
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(ADD),
    ...more,
  });

/** Writes, and waits for the first answer and for the end of the connection. */
const saying =
  (text: (tools: Tools) => string) =>
  async (tools: Tools): Promise<string> => {
    const raw = tools.open();
    raw.write(text(tools));
    await raw.ended;
    raw.socket.destroy();
    return raw.statuses()[0] ?? CLOSED;
  };

const refused = (
  name: string,
  promised: readonly string[],
  text: (tools: Tools) => string,
): Kind => ({ name, share: 5, promised, allowed: [CLOSED], perform: saying(text) });

const garbage = [
  '\u0000\u0001\u0002\u0003\r\n\r\n',
  'hello\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET /health HTTP/9.9\r\nhost: x\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: x\r\na: b\u0000c\r\n\r\n',
  'BREW /health HTTP/1.1\r\nhost: x\r\n\r\n',
];

/** The answers to messages in these bytes, which come in order. */
const bodiesIn = (raw: RawClient): string[] =>
  [
    ...raw
      .received()
      .toString('utf8')
      .matchAll(/\{"kpid"[^}]*\}/g),
  ].map(([body]) => body);

const PIPELINED = 5;

/** Messages in one packet. */
const pipelineSends = async ({ open, token, sends }: Tools): Promise<string> => {
  const raw = open();
  raw.write(`${addHead(token)}${ADD}`.repeat(PIPELINED));
  await raw.until(() => raw.statuses().length === PIPELINED);
  const bodies = bodiesIn(raw);
  bodies.forEach(body => sends.accept(body));
  const statuses = raw.statuses();
  // Those that got no answer.
  sends.leave(PIPELINED - statuses.length);
  raw.socket.destroy();
  return statuses.find(status => status !== '200') ?? statuses[0] ?? CLOSED;
};

const pipelineReads = async ({ open, token }: Tools): Promise<string> => {
  const raw = open();
  raw.write(head('GET /v1/status', bearer(token)).repeat(PIPELINED));
  await raw.until(() => raw.statuses().length === PIPELINED);
  raw.socket.destroy();
  return raw.statuses().join(' ') || CLOSED;
};

/** A whole message, and the end of the client's side. */
const halfClosed = async ({ open, token, sends }: Tools): Promise<string> => {
  const raw = open();
  raw.socket.end(addHead(token) + ADD);
  await raw.ended;
  raw.socket.destroy();
  const [body] = bodiesIn(raw);
  const status = raw.statuses()[0];
  if (body !== undefined) sends.accept(body);
  else if (status === undefined) sends.leave();
  return status ?? CLOSED;
};

/** Half a message, and the end of the client's side. */
const halfSent = async ({ open, token }: Tools): Promise<string> => {
  const raw = open();
  raw.socket.end(addHead(token) + ADD.slice(0, 10));
  await raw.ended;
  return raw.statuses()[0] ?? CLOSED;
};

/** A message whose sender is gone before the answer. */
const sendAndLeave = async ({ open, token, sends }: Tools): Promise<string> => {
  const raw = open();
  sends.leave();
  await new Promise(resolve => {
    raw.socket.once('close', resolve);
    raw.socket.write(addHead(token) + ADD, () => raw.socket.destroy());
  });
  return CLOSED;
};

/** Says that it has more than the server takes, and waits to be asked for it. */
const expectContinue = async ({ open, token }: Tools): Promise<string> => {
  const raw = open();
  raw.write(addHead(token, { 'content-length': 2_000_000, expect: '100-continue' }));
  await raw.until(() => raw.statuses().some(status => status !== '100'));
  raw.socket.destroy();
  return raw.statuses().find(status => status !== '100') ?? CLOSED;
};

export const wire: readonly Kind[] = [
  refused('garbage', ['400'], ({ random }) => random.pick(garbage)!),
  refused('no host, no token', ['401'], () => 'GET /v1/status HTTP/1.1\r\n\r\n'),
  refused('long headers', ['431'], () => head('GET /health', { x: 'y'.repeat(20_000) })),
  refused('two lengths', ['400'], ({ token }) =>
    addHead(token, { 'transfer-encoding': 'chunked' }).concat('0\r\n\r\n'),
  ),
  refused('broken chunk', ['400'], ({ token }) =>
    head('POST /v1/messages', {
      ...bearer(token),
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    }).concat('zz\r\n{}\r\n'),
  ),
  refused('tunnel', [CLOSED], ({ token }) => head('CONNECT example.com:80', bearer(token))),
  refused('unknown expectation', ['417'], ({ token }) =>
    head('GET /v1/status', { ...bearer(token), expect: 'wonders', connection: 'close' }),
  ),
  {
    name: 'pipelined sends',
    share: 10,
    requests: PIPELINED,
    promised: ['200'],
    allowed: ['503', CLOSED],
    perform: pipelineSends,
  },
  {
    name: 'pipelined reads',
    share: 10,
    requests: PIPELINED,
    promised: [Array(PIPELINED).fill('200').join(' ')],
    allowed: [CLOSED],
    perform: pipelineReads,
  },
  {
    name: 'half-closed send',
    share: 10,
    // Node's servers end a connection when the client ends its side.
    promised: [CLOSED],
    allowed: ['200', '503'],
    perform: halfClosed,
  },
  { name: 'half a send', share: 5, promised: ['400', CLOSED], perform: halfSent },
  { name: 'send and leave', share: 10, promised: [CLOSED], perform: sendAndLeave },
  {
    name: 'huge body, asked first',
    share: 5,
    promised: ['413'],
    allowed: [CLOSED],
    perform: expectContinue,
  },
];
