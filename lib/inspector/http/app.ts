/**
 * The inspector's HTTP server: who may ask, and how much.
 *
 * Invariants
 * 1. Everything below `/api` needs the token, in a header that only the page's own scripts send: no
 *    cookie, which other servers of this machine would get. What is outside `/api` is the page
 *    itself, which says nothing about the store.
 * 2. A request whose `Host` is not this machine's loopback is refused, so that no foreign name that
 *    resolves to it can read it (DNS rebinding).
 * 3. Only reads: there is no route but of GET, unless the operator has allowed actions. Those go to
 *    the solo server (`actions.ts`). The token in a header keeps other pages from sending one.
 * 4. The page loads nothing from elsewhere, and no text can become a script (`SECURITY`).
 */
import type { FastifyRequest } from 'fastify';
import {
  makeBoundedServer,
  type BoundedServer,
} from '../../host/solo-server/http/bounded-server.js';
import { answerError } from '../../host/solo-server/http/errors.js';
import { refusesHost } from '../../host/solo-server/http/own-host.js';
import type { PageFiles } from '../page-files.js';
import { addPage, isPageRoute } from './page-routes.js';
import type { InspectorPorts } from './ports.js';
import { addRoutes } from './routes.js';

const REQUESTS_PER_SECOND = 200;
const MAX_CONNECTIONS = 64;
const HEADERS_MS = 5_000;
const REQUEST_MS = 30_000;

const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Is it a file or a path of the page? The route decides, because `/%61pi` is `/api` to it. Below
 * `/api`, what does not exist is hidden as well.
 */
const isOpen = ({ is404, routeOptions, url }: FastifyRequest): boolean =>
  (is404 || isPageRoute(routeOptions.config)) && !/^\/api(?:\/|\?|$)/.test(url);

export interface AppOptions extends InspectorPorts {
  readonly page: PageFiles;
  /** Does the `Authorization` header show the token? */
  readonly isAuthorized: (header: string | undefined) => boolean;
}

/** The server, ready to listen. */
export const makeApp = async ({
  page,
  isAuthorized,
  ...ports
}: AppOptions): Promise<BoundedServer> => {
  const isKnown = (request: FastifyRequest): boolean => isAuthorized(request.headers.authorization);
  const server = await makeBoundedServer(
    {
      requestMs: REQUEST_MS,
      headersMs: HEADERS_MS,
      maxConnections: MAX_CONNECTIONS,
      requestsPerSecond: REQUESTS_PER_SECOND,
      sharerOf: request => (isKnown(request) ? 'token' : 'no token'),
      isKnown,
      admit: async (request, reply, refusesRate) => {
        reply.headers(SECURITY);
        if (refusesHost(request, reply)) return reply;
        if (await refusesRate(request, reply)) return reply;
        if (isOpen(request) || isKnown(request)) return undefined;
        const message = 'open the URL that `swingset-kernel inspect` printed, which has the token';
        return answerError(reply, 401, { code: 'UNAUTHORIZED', message });
      },
    },
    { exposeHeadRoutes: false },
  );
  addRoutes(server.app, ports);
  addPage(server.app, page);
  await server.app.ready();
  return server;
};
