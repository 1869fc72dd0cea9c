/**
 * The server that an engine connects to. CometBFT opens four connections (consensus, mempool,
 * query, snapshots), in any order, and new ones when it starts again; this server tells none of
 * them apart.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { formatAddress, isLoopback, parseAddress } from './address.js';
import { serveConnection, type EndReason, type RequestHandler } from './connection.js';
import { MAX_FRAME_BYTES } from './framing.js';
import { listenAt } from './listen.js';

export interface AbciServerOptions {
  /** `unix:///path` or `tcp://host:port`. Port 0 chooses a free one. */
  readonly address: string;
  readonly handle: RequestHandler;
  /**
   * The application failed: it must not go on. The peer that asked has been told. Called once; end
   * the process after it.
   */
  readonly onFatal: (error: unknown) => void;
  readonly console?: Pick<Console, 'log' | 'warn'>;
  readonly maxFrameBytes?: number;
}

export interface AbciServer {
  /** Where it listens, for the engine's `proxy_app`. */
  readonly address: string;
  /** Ends all connections. Resolves when the last one is closed and the socket's file is gone. */
  close(): Promise<void>;
}

/** More than an engine, its successor and a few tools need. */
const MAX_CONNECTIONS = 100;

/** @throws AbciAddressError */
export const startAbciServer = async ({
  address: given,
  handle,
  onFatal,
  console = globalThis.console,
  maxFrameBytes = MAX_FRAME_BYTES,
}: AbciServerOptions): Promise<AbciServer> => {
  const address = parseAddress(given);
  const sockets = new Map<Socket, Promise<void>>();
  let connections = 0;
  let failed = false;
  let closed = false;

  const onFailure = (error: unknown): void => {
    if (failed) return;
    failed = true;
    onFatal(error);
  };

  const report = (number: number, reason: EndReason): void => {
    if (closed) return;
    if (reason === undefined) console.log(`ABCI connection ${number} closed`);
    else console.warn(`ABCI connection ${number} ended: ${reason}`);
  };

  const serve = async (socket: Socket): Promise<void> => {
    connections += 1;
    const number = connections;
    // Errors reach the loop that reads; without a listener, one after it would end the process.
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    console.log(`ABCI connection ${number} opened`);
    report(number, await serveConnection(socket, { handle, maxFrameBytes, onFailure }));
    sockets.delete(socket);
  };

  const server = createServer(socket => void sockets.set(socket, serve(socket)));
  server.maxConnections = MAX_CONNECTIONS;
  await listenAt(server, address);
  if (address.kind === 'tcp' && !isLoopback(address.host)) {
    console.warn(
      `${formatAddress(address)} is open to other machines: ` +
        'whoever connects to it decides what this node executes',
    );
  }
  const { port } = address.kind === 'tcp' ? (server.address() as AddressInfo) : { port: 0 };
  return {
    address: formatAddress(address.kind === 'tcp' ? { ...address, port } : address),
    close: async () => {
      closed = true;
      const ended = new Promise(resolve => server.close(resolve));
      for (const socket of sockets.keys()) socket.destroy();
      await Promise.all(sockets.values());
      await ended;
    },
  };
};
