/**
 * The HTTP server of a solo server: who may ask, and how much.
 *
 * Invariants
 * 1. Without the token, every route but `/health` answers 401 with the same body, before anything of
 *    the request's body is read. Routes that do not exist answer so too.
 * 2. Those without the token use up no share of those with it.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { makeBoundedServer } from './bounded-server.js';
import { answerError } from './errors.js';
import type { HttpPorts } from './ports.js';
import { addRoutes, HEALTH } from './routes.js';

const KEEP_ALIVE_MS = 30_000;

const isHealth = (request: FastifyRequest): boolean => request.routeOptions.url === HEALTH;

export interface AppOptions extends HttpPorts {
  /** Does the `Authorization` header show the token? */
  readonly isAuthorized: (header: string | undefined) => boolean;
}

/** The server, ready to listen. */
export const makeApp = async ({ isAuthorized, ...ports }: AppOptions): Promise<FastifyInstance> => {
  const { limits } = ports;
  const { app, refusesRate } = await makeBoundedServer(
    {
      requestMs: limits.requestSeconds * 1000,
      headersMs: limits.headersSeconds * 1000,
      maxConnections: limits.maxConnections,
      requestsPerSecond: limits.maxRequestsPerSecond,
      sharerOf: request => {
        if (isHealth(request)) return 'health';
        return isAuthorized(request.headers.authorization) ? 'token' : 'no token';
      },
    },
    { bodyLimit: limits.maxMessageBytes, keepAliveTimeout: KEEP_ALIVE_MS },
  );
  // Bodies are JSON.
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', async (request, reply) => {
    if (await refusesRate(request, reply)) return reply;
    if (isHealth(request) || isAuthorized(request.headers.authorization)) return undefined;
    const message = "show the token of the server's home: Authorization: Bearer <solo-token>";
    reply.header('connection', 'close');
    return answerError(reply, 401, { code: 'UNAUTHORIZED', message });
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `${request.method} ${request.url.slice(0, 200)}: there is no such route`;
    return answerError(reply, 404, { code: 'NO_ROUTE', message });
  });
  addRoutes(app, ports);
  await app.ready();
  return app;
};
