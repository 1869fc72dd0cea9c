/** Connections that are held: until the server ends them, or the run ends. */
import { head, type RawClient } from '../../raw-client.js';
import { CLOSED, OPEN, type Kind, type Tools } from './kind.js';

/** Between two bytes. */
const DRIP_MS = 500;

const drip = (raw: RawClient, text: string): void => {
  let at = 0;
  const timer = setInterval(() => raw.write(text[at++ % text.length]!), DRIP_MS);
  raw.socket.once('close', () => clearInterval(timer));
};

const outcomeOf = async (raw: RawClient, over: AbortSignal): Promise<string> => {
  await raw.ended;
  raw.socket.destroy();
  return raw.statuses()[0] ?? (over.aborted ? OPEN : CLOSED);
};

/** Says something, and then a byte now and then. */
const slowly =
  (begin: (tools: Tools) => string, rest: string) =>
  (tools: Tools): Promise<string> => {
    const raw = tools.open();
    raw.write(begin(tools));
    drip(raw, rest);
    return outcomeOf(raw, tools.over);
  };

const held = (
  name: string,
  share: number,
  promised: readonly string[],
  perform: Kind['perform'],
): Kind => ({
  name,
  share,
  promised: [...promised, OPEN],
  allowed: [CLOSED],
  isHeld: true,
  perform,
});

const postHead = (headers: Readonly<Record<string, string | number>>): string =>
  head('POST /v1/messages', {
    'content-type': 'application/json',
    'content-length': 100_000,
    ...headers,
  });

const REQUESTS = 40;

/** Asks much and reads nothing, so that the server's answers have nowhere to go. */
const unread = async ({ open, over }: Tools): Promise<string> => {
  const raw = open();
  raw.socket.pause();
  raw.write(head('GET /health').repeat(REQUESTS));
  // Ended by the server, the socket says so only to one who reads or writes.
  drip(raw, head('GET /health'));
  return outcomeOf(raw, over);
};

export const slow: readonly Kind[] = [
  held(
    'slow headers',
    10,
    ['408'],
    slowly(() => 'GET /health HTTP/1.1\r\nhost: x\r\nx-y: ', 'z'),
  ),
  held(
    'slow body, no token',
    5,
    ['401'],
    slowly(() => postHead({}), ' '),
  ),
  held(
    'slow body',
    1,
    ['408'],
    slowly(({ token }) => postHead({ authorization: `Bearer ${token}` }), ' '),
  ),
  // Many, so that they reach the bound on connections.
  held('idle', 40, [CLOSED, '408'], ({ open, over }) => outcomeOf(open(), over)),
  { ...held('unread', 1, [CLOSED, '200'], unread), requests: REQUESTS },
];
