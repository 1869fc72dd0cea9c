/**
 * The HTTP server of a solo server: who may ask, and how much.
 *
 * Invariants
 * 1. Without the token, every route but `/health` answers 401 with the same body, before anything of
 *    the request's body is read. Routes that do not exist answer so too, and paths that can't be read.
 * 2. Those without the token use up no share of those with it: neither of the rate nor of the
 *    connections. Each of their requests but those for health ends the connection.
 */
import type { FastifyRequest } from 'fastify';
import { SoloServerStoppedError } from '../errors.js';
import { makeBoundedServer, type BoundedServer } from './bounded-server.js';
import { answerError, answerThrown } from './errors.js';
import type { HttpPorts } from './ports.js';
import { addRoutes, HEALTH } from './routes.js';

const KEEP_ALIVE_MS = 30_000;

const isHealth = (request: FastifyRequest): boolean => request.routeOptions.url === HEALTH;

export interface AppOptions extends HttpPorts {
  /** Does the `Authorization` header show the token? */
  readonly isAuthorized: (header: string | undefined) => boolean;
}

/** The server, ready to listen. */
export const makeApp = async ({ isAuthorized, ...ports }: AppOptions): Promise<BoundedServer> => {
  const { limits, stopping } = ports;
  const isKnown = (request: FastifyRequest): boolean => isAuthorized(request.headers.authorization);
  const server = await makeBoundedServer(
    {
      requestMs: limits.requestSeconds * 1000,
      headersMs: limits.headersSeconds * 1000,
      maxConnections: limits.maxConnections,
      requestsPerSecond: limits.maxRequestsPerSecond,
      sharerOf: request => {
        if (isHealth(request)) return 'health';
        return isKnown(request) ? 'token' : 'no token';
      },
      isKnown,
      admit: async (request, reply, refusesRate) => {
        const isWelcome = isHealth(request) || isKnown(request);
        if (!isWelcome) reply.header('connection', 'close');
        if (await refusesRate(request, reply)) return reply;
        if (!isWelcome) {
          const message = "show the token of the server's home: Authorization: Bearer <solo-token>";
          return answerError(reply, 401, { code: 'UNAUTHORIZED', message });
        }
        return stopping.aborted ? answerThrown(new SoloServerStoppedError(), reply) : undefined;
      },
    },
    { bodyLimit: limits.maxMessageBytes, keepAliveTimeout: KEEP_ALIVE_MS },
  );
  const { app } = server;
  // Bodies are JSON.
  app.removeContentTypeParser('text/plain');
  app.setNotFoundHandler((request, reply) => {
    const message = `${request.method} ${request.url.slice(0, 200)}: there is no such route`;
    return answerError(reply, 404, { code: 'NO_ROUTE', message });
  });
  addRoutes(app, ports);
  await app.ready();
  return server;
};
