/** WebSockets that break their protocol. */
import { readFrames } from '../../frames.js';
import { head, upgradeHeaders, type RawClient } from '../../raw-client.js';
import { CLOSED, type Kind, type Tools } from './kind.js';

const CLOSE = 8;

const bodyOf = (raw: RawClient): Buffer => {
  const bytes = raw.received();
  return bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
};

const subscribe = async ({ open, token }: Tools, headers: object = {}): Promise<RawClient> => {
  const raw = open();
  const asked = { ...upgradeHeaders, authorization: `Bearer ${token}`, ...headers };
  raw.write(head('GET /v1/events', asked));
  await raw.until(() => raw.statuses().length > 0);
  return raw;
};

/** A frame of a client, masked with zeros. */
const frame = (first: number, length: number, masked = true): Buffer => {
  const mask = masked ? 0x80 : 0;
  const size =
    length < 126
      ? Buffer.from([first, mask | length])
      : Buffer.from([first, mask | 126, length >> 8, length & 0xff]);
  return Buffer.concat([size, Buffer.alloc(masked ? 4 : 0), Buffer.alloc(length, 'x')]);
};

/** The code with which the server ends the WebSocket after these bytes. */
const broken = (name: string, code: number, bytes: Buffer): Kind => ({
  name: `WebSocket, ${name}`,
  share: 3,
  promised: [`ws ${code}`],
  allowed: [CLOSED],
  perform: async tools => {
    const raw = await subscribe(tools);
    if (raw.statuses()[0] !== '101') return raw.statuses()[0] ?? CLOSED;
    raw.write(bytes);
    const last = () => readFrames(bodyOf(raw)).find(({ opcode }) => opcode === CLOSE);
    await raw.until(() => last() !== undefined);
    raw.socket.destroy();
    const end = last();
    return end ? `ws ${end.payload.readUInt16BE(0)}` : CLOSED;
  },
});

const refused = (name: string, headers: object): Kind => ({
  name: `WebSocket, ${name}`,
  share: 3,
  promised: ['400'],
  allowed: [CLOSED],
  perform: async tools => {
    const raw = await subscribe(tools, headers);
    raw.socket.destroy();
    return raw.statuses()[0] ?? CLOSED;
  },
});

export const webSockets: readonly Kind[] = [
  {
    name: 'WebSocket, and leave',
    share: 10,
    promised: ['101'],
    allowed: [CLOSED],
    perform: async tools => {
      const raw = await subscribe(tools);
      raw.socket.destroy();
      return raw.statuses()[0] ?? CLOSED;
    },
  },
  broken('unmasked frame', 1002, frame(0x81, 5, false)),
  broken('reserved opcode', 1002, frame(0x83, 5)),
  broken('a text', 1008, frame(0x81, 5)),
  broken('a long text', 1009, frame(0x81, 60_000)),
  refused('wrong version', { 'sec-websocket-version': 3 }),
  refused('wrong key', { 'sec-websocket-key': 'short' }),
];
