/** A Fastify server with bounds, for the solo server and the inspector: requests are taken as they are. */
import rateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { answerClientError, answerError, answerThrown, describeFlaw } from './errors.js';

const MAX_HEADER_BYTES = 16_384;
/** How often the server looks for connections that are too slow. */
const CHECK_MS = 1_000;

/** No route has it. */
const NO_PATH = '/-';

/**
 * Fastify answers a path that it can't decode by itself, before any hook looks at the request. Such
 * a request goes where there is no route, so that it needs a token and takes its share like others.
 */
const insistPath = (url = '/'): string => {
  // As the router cuts it: what follows the first character.
  const [path = ''] = url.slice(1).split(/[?#]/, 1);
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return NO_PATH;
  }
};

export interface Bounds {
  readonly requestMs: number;
  readonly headersMs: number;
  readonly maxConnections: number;
  readonly requestsPerSecond: number;
  /** Who shares a rate with whom. */
  readonly sharerOf: (request: FastifyRequest) => string;
}

export interface BoundedServer {
  readonly app: FastifyInstance;
  /** Answers a request that comes too soon after others, and says whether it did. */
  readonly refusesRate: (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;
}

export const makeBoundedServer = async (
  { requestMs, headersMs, maxConnections, requestsPerSecond, sharerOf }: Bounds,
  options: Pick<FastifyServerOptions, 'bodyLimit' | 'keepAliveTimeout' | 'exposeHeadRoutes'>,
): Promise<BoundedServer> => {
  const app = fastify({
    ...options,
    logger: false,
    requestTimeout: requestMs,
    forceCloseConnections: 'idle',
    rewriteUrl: ({ url }) => insistPath(url),
    clientErrorHandler: answerClientError,
    http: {
      headersTimeout: headersMs,
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
  });
  app.server.maxConnections = maxConnections;
  await app.register(rateLimit, { global: false });
  const takeRate = app.createRateLimit({
    max: requestsPerSecond,
    timeWindow: 1_000,
    keyGenerator: sharerOf,
  });
  app.setErrorHandler((error, _request, reply) => answerThrown(error, reply));
  return {
    app,
    refusesRate: async (request, reply) => {
      const rate = await takeRate(request);
      if (rate.isAllowed || !rate.isExceeded) return false;
      reply.header('retry-after', '1');
      const message = `more than ${rate.max} requests a second`;
      answerError(reply, 429, { code: 'TOO_MANY_REQUESTS', message });
      return true;
    },
  };
};
