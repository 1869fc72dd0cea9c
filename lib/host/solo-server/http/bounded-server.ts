/** A Fastify server with bounds, for the solo server and the inspector: requests are taken as they are. */
import rateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { refuseClient } from './client-errors.js';
import { Connections } from './connections.js';
import { answerError, answerThrown, describeFlaw } from './errors.js';

const MAX_HEADER_BYTES = 16_384;
/** How often the server looks for connections that are too slow. */
const CHECK_MS = 1_000;

/** Answers a request that comes too soon after others, and says whether it did. */
export type RefusesRate = (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;

export interface Bounds {
  readonly requestMs: number;
  readonly headersMs: number;
  readonly maxConnections: number;
  readonly requestsPerSecond: number;
  /** Who shares a rate with whom. */
  readonly sharerOf: (request: FastifyRequest) => string;
  /** Does the request show the token? */
  readonly isKnown: (request: FastifyRequest) => boolean;
  /**
   * Lets a request in, or answers it and returns the answer. It hears of every request, also of
   * those whose path the router can't read.
   */
  readonly admit: (
    request: FastifyRequest,
    reply: FastifyReply,
    refusesRate: RefusesRate,
  ) => Promise<FastifyReply | undefined>;
}

export interface BoundedServer {
  readonly app: FastifyInstance;
  readonly connections: Connections;
}

export const makeBoundedServer = async (
  bounds: Bounds,
  options: Pick<FastifyServerOptions, 'bodyLimit' | 'keepAliveTimeout' | 'exposeHeadRoutes'>,
): Promise<BoundedServer> => {
  const connections = new Connections(bounds.maxConnections);
  const admit = async (request: FastifyRequest, reply: FastifyReply) => {
    if (bounds.isKnown(request)) connections.trust(request.raw.socket);
    return bounds.admit(request, reply, refusesRate);
  };
  const app = fastify({
    ...options,
    logger: false,
    requestTimeout: bounds.requestMs,
    forceCloseConnections: 'idle',
    // Its answer has another form than ours. Routes refuse by themselves while the server stops.
    return503OnClosing: false,
    http: {
      headersTimeout: bounds.headersMs,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Node would answer by itself, before any hook.
      requireHostHeader: false,
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
    clientErrorHandler: refuseClient,
    // Paths that can't be decoded, or are too long, pass no hooks.
    frameworkErrors: (error, request, reply) => {
      const answer = async () => (await admit(request, reply)) ?? answerThrown(error, reply);
      answer().catch((thrown: unknown) => answerThrown(thrown, reply));
    },
  });
  connections.watch(app.server);
  await app.register(rateLimit, { global: false });
  const takeRate = app.createRateLimit({
    max: bounds.requestsPerSecond,
    timeWindow: 1_000,
    keyGenerator: bounds.sharerOf,
  });
  const refusesRate: RefusesRate = async (request, reply) => {
    const rate = await takeRate(request);
    if (rate.isAllowed || !rate.isExceeded) return false;
    reply.header('retry-after', '1');
    const message = `more than ${rate.max} requests a second`;
    answerError(reply, 429, { code: 'TOO_MANY_REQUESTS', message });
    return true;
  };
  app.addHook('onRequest', admit);
  app.setErrorHandler((error, _request, reply) => answerThrown(error, reply));
  return { app, connections };
};
