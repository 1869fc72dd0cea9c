/** A client below HTTP: writes any bytes, and keeps its side of the connection open. */
import { connect, type Socket } from 'node:net';

export interface RawClient {
  readonly socket: Socket;
  /** All that has come. */
  readonly received: () => Buffer;
  readonly write: (data: string | Uint8Array) => void;
  /** The statuses of the answers so far. */
  readonly statuses: () => string[];
  /** Resolves when `holds` returns true after more has come, or when the connection has ended. */
  readonly until: (holds: () => boolean) => Promise<void>;
  /** Resolves when the server has ended the connection, or the client has. */
  readonly ended: Promise<void>;
}

const STATUS = /HTTP\/1\.1 ([0-9]{3})/g;

/** @param host - `127.0.0.1` or `::1` */
export const openRaw = (port: number, host = '127.0.0.1'): RawClient => {
  const socket = connect({ port, host, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let hasEnded = false;
  const waits = new Set<() => void>();
  const tell = (): void => {
    for (const look of waits) look();
  };
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    tell();
  });
  socket.on('end', () => {
    hasEnded = true;
    tell();
  });
  // The other end may reset it. `close` follows.
  socket.on('error', () => undefined);
  socket.once('close', () => {
    hasEnded = true;
    tell();
  });
  const until: RawClient['until'] = holds =>
    new Promise(resolve => {
      const look = (): void => {
        if (!hasEnded && !holds()) return;
        waits.delete(look);
        resolve();
      };
      waits.add(look);
      look();
    });
  const received = (): Buffer => Buffer.concat(chunks);
  return {
    socket,
    received,
    write: data => void socket.write(data),
    statuses: () =>
      [...received().toString('latin1').matchAll(STATUS)].map(([, code = '']) => code),
    until,
    ended: until(() => false),
  };
};

/** The first lines of a request. */
export const head = (
  line: string,
  headers: Readonly<Record<string, string | number>> = {},
): string =>
  [
    `${line} HTTP/1.1`,
    ...Object.entries({ host: '127.0.0.1', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '\r\n',
  ].join('\r\n');

/** Asks for a WebSocket. */
export const upgradeHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': 13,
  'sec-websocket-key': Buffer.alloc(16, 7).toString('base64'),
} as const;
