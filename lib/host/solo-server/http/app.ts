/**
 * The HTTP server of a solo server: who may ask, and how much.
 *
 * Invariants
 * 1. Without the token, every route but `/health` answers 401 with the same body, before anything of
 *    the request's body is read. Routes that do not exist answer so too.
 * 2. Those without the token use up no share of those with it.
 */
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { answerError, answerThrown, describeFlaw } from './errors.js';
import type { HttpPorts } from './ports.js';
import { addRoutes, HEALTH } from './routes.js';

const MAX_HEADER_BYTES = 16_384;
const KEEP_ALIVE_MS = 30_000;
/** How often the server looks for connections that are too slow. */
const CHECK_MS = 1_000;

const isHealth = (request: FastifyRequest): boolean => request.routeOptions.url === HEALTH;

export interface AppOptions extends HttpPorts {
  /** Does the `Authorization` header show the token? */
  readonly isAuthorized: (header: string | undefined) => boolean;
}

/** The server, ready to listen. */
export const makeApp = async ({ isAuthorized, ...ports }: AppOptions): Promise<FastifyInstance> => {
  const { limits } = ports;
  const app = fastify({
    logger: false,
    bodyLimit: limits.maxMessageBytes,
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    http: {
      headersTimeout: limits.headersSeconds * 1000,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        verbose: true,
      },
    },
    schemaErrorFormatter: describeFlaw,
  });
  // Bodies are JSON.
  app.removeContentTypeParser('text/plain');
  app.server.maxConnections = limits.maxConnections;
  await app.register(rateLimit, { global: false });
  const isTooFast = app.createRateLimit({
    max: limits.maxRequestsPerSecond,
    timeWindow: 1_000,
    keyGenerator: request => {
      if (isHealth(request)) return 'health';
      return isAuthorized(request.headers.authorization) ? 'token' : 'no token';
    },
  });

  app.addHook('onRequest', async (request, reply) => {
    const rate = await isTooFast(request);
    if (!rate.isAllowed && rate.isExceeded) {
      const message = `more than ${rate.max} requests a second`;
      reply.header('retry-after', '1');
      return answerError(reply, 429, { code: 'TOO_MANY_REQUESTS', message });
    }
    if (isHealth(request) || isAuthorized(request.headers.authorization)) return undefined;
    const message = "show the token of the server's home: Authorization: Bearer <solo-token>";
    reply.header('connection', 'close');
    return answerError(reply, 401, { code: 'UNAUTHORIZED', message });
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `${request.method} ${request.url.slice(0, 200)}: there is no such route`;
    return answerError(reply, 404, { code: 'NO_ROUTE', message });
  });
  app.setErrorHandler((error, _request, reply) => answerThrown(error, reply));
  addRoutes(app, ports);
  await app.ready();
  return app;
};
