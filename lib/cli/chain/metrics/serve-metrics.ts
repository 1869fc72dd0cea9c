/**
 * `GET /metrics` of a node, on loopback. It needs no token: it says nothing that the chain does not
 * tell everybody.
 */
import { METRICS_TYPE } from '../../../host/kernel-metrics.js';
import { makeBoundedServer } from '../../../host/solo-server/http/bounded-server.js';
import { answerError } from '../../../host/solo-server/http/errors.js';
import { listen, type Listening } from '../../../host/solo-server/http/listen.js';
import { refusesHost } from '../../../host/solo-server/http/own-host.js';
import type { NodeMetrics } from './node-metrics.js';

const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 16;
const REQUESTS_PER_SECOND = 20;

/** @param port - 0 picks a free one. @throws system errors when it is taken */
export const serveMetrics = async (
  { render }: Pick<NodeMetrics, 'render'>,
  port: number,
): Promise<Listening> => {
  const server = await makeBoundedServer(
    {
      headersMs: HEADERS_MS,
      requestMs: REQUEST_MS,
      maxConnections: MAX_CONNECTIONS,
      requestsPerSecond: REQUESTS_PER_SECOND,
      sharerOf: () => 'all',
      isKnown: () => false,
      admit: async (request, reply, refusesRate) => {
        if (refusesHost(request, reply) || (await refusesRate(request, reply))) return reply;
        return undefined;
      },
    },
    {},
  );
  const { app } = server;
  app.get('/metrics', async (_request, reply) => reply.type(METRICS_TYPE).send(await render()));
  app.setNotFoundHandler((_request, reply) =>
    answerError(reply, 404, { code: 'NO_ROUTE', message: 'ask for GET /metrics' }),
  );
  await app.ready();
  return listen(server, port);
};
