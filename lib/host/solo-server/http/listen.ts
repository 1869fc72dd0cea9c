/** Listens on loopback: 127.0.0.1, and ::1 under the same port if this machine has it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

const CLOSE_MS = 2_000;

export interface Listening {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Lets answers under way out, then ends all connections. */
  readonly close: () => Promise<void>;
}

/** A second server with the first one's limits, which hands everything to it. */
const listenOnIPv6 = async (app: FastifyInstance, port: number): Promise<Server | undefined> => {
  const { server } = app;
  const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections } = server;
  const times = { headersTimeout, requestTimeout, keepAliveTimeout };
  const options = { ...times, connectionsCheckingInterval: 1_000, requireHostHeader: false };
  const second = createServer(options, (...exchange) => server.emit('request', ...exchange));
  second.maxConnections = maxConnections;
  second.on('upgrade', (...upgrade) => server.emit('upgrade', ...upgrade));
  second.on('clientError', (...failure) => server.emit('clientError', ...failure));
  try {
    second.listen({ host: '::1', port, ipv6Only: true });
    await once(second, 'listening');
    return second;
  } catch {
    // No ::1 here, or another program has the port there.
    return undefined;
  }
};

/** @param port - 0 picks a free one */
export const listen = async (app: FastifyInstance, port: number): Promise<Listening> => {
  await app.listen({ host: '127.0.0.1', port });
  const { port: bound } = app.server.address() as AddressInfo;
  const second = await listenOnIPv6(app, bound);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: async () => {
      second?.close();
      second?.closeIdleConnections();
      const closed = app.close();
      const late = new AbortController();
      const cutOff = async (): Promise<void> => {
        await setTimeout(CLOSE_MS, undefined, { signal: late.signal });
        app.server.closeAllConnections();
      };
      const cut = cutOff().catch(() => undefined);
      await closed;
      late.abort();
      await cut;
      second?.closeAllConnections();
    },
  };
};
