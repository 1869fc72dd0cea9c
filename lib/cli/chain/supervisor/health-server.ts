/** `GET /health` for load balancers and process managers: 200 while the chain moves, else 503. */
import { createServer } from 'node:http';
import type { Health } from './health.js';

export interface HealthServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** @param address - `host:port`; port 0 is any free one */
export const serveHealth = async (address: string, read: () => Health): Promise<HealthServer> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://node');
    if (pathname !== '/health' || !['GET', 'HEAD'].includes(request.method ?? '')) {
      response.writeHead(404).end('GET /health\n');
      return;
    }
    const health = read();
    response.writeHead(health.healthy ? 200 : 503, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(health)}\n`);
  });
  const colon = address.lastIndexOf(':');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(address.slice(colon + 1)), address.slice(0, colon), resolve);
  });
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
