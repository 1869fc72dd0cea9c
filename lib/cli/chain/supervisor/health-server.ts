/**
 * `GET /health` for load balancers and process managers: 200 while the chain moves, else 503.
 *
 * Invariant: nothing that a client sends or leaves out ends the process, which is the supervisor, or
 * takes all of its file descriptors.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Health } from './health.js';

export interface HealthServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** More ask at once than any node has watchers. Others are let in when these have gone. */
const MAX_CONNECTIONS = 64;
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
/** How often the server looks for connections that are too slow. */
const CHECK_MS = 1_000;

/** Not by `URL`, which throws for some of what clients send: `GET //`. */
const pathOf = (target = ''): string => target.replace(/\?.*$/s, '');

/** @param address - `host:port`; port 0 is any free one */
export const serveHealth = async (address: string, read: () => Health): Promise<HealthServer> => {
  const timeouts = {
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECK_MS,
  };
  const server = createServer(timeouts, (request, response) => {
    const isQuestion = ['GET', 'HEAD'].includes(request.method ?? '');
    if (pathOf(request.url) !== '/health' || !isQuestion) {
      response.writeHead(404).end('GET /health\n');
      return;
    }
    const health = read();
    response.writeHead(health.healthy ? 200 : 503, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(health)}\n`);
  });
  server.maxConnections = MAX_CONNECTIONS;
  const colon = address.lastIndexOf(':');
  server.listen(Number(address.slice(colon + 1)), address.slice(0, colon));
  await once(server, 'listening');
  // One connection that can't be accepted, for want of files, must not end the node.
  server.on('error', () => undefined);
  server.unref();
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : 0,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
