/** The page: its files, and its first file for every path that the page itself understands. */
import type { FastifyInstance } from 'fastify';
import { answerError } from '../../host/solo-server/http/errors.js';
import type { PageFiles } from '../page-files.js';

/** Paths of views: the page's own router reads them. */
const VIEW = /^\/(?:vats|epochs|queues|promises|objects|devices|clists|krefs|activity)?(?:[/?]|$)/;

const PAGE_ROUTE = { isPage: true } as const;

/** Is it the configuration of a route to a file of the page? */
export const isPageRoute = (config: object): boolean => 'isPage' in config;

export const addPage = (app: FastifyInstance, { index, files }: PageFiles): void => {
  for (const [name, { type, body }] of files) {
    app.get(`/${name}`, { config: PAGE_ROUTE }, async (_request, reply) =>
      reply.type(type).send(body),
    );
  }
  app.setNotFoundHandler((request, reply) => {
    if (request.method === 'GET' && VIEW.test(request.url)) {
      return reply.type(index.type).send(index.body);
    }
    const message = `${request.method} ${request.url.slice(0, 200)}: there is no such page`;
    return answerError(reply, 404, { code: 'NO_ROUTE', message });
  });
};
