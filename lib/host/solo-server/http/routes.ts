/** The routes under `/v1`, and `/health` and `/metrics`. */
import type { FastifyInstance } from 'fastify';
import type { SwingsetController } from '../../../controller/types.js';
import { jsonCopy } from '../../../controller/json-copy.js';
import { BadOptionError } from '../../../errors.js';
import { kslot } from '../../../kernel/delivery/kmarshal.js';
import type { Bundle } from '../../../store/types.js';
import { parseVatID, type VatID } from '../../../types/ids.js';
import { METRICS_TYPE } from '../../kernel-metrics.js';
import { SoloQueueFullError } from '../errors.js';
import { addActions } from './actions.js';
import { addEvents } from './events.js';
import { answerError, unknownVat } from './errors.js';
import type { HttpPorts } from './ports.js';
import * as requests from './requests.js';
import { untilGone } from './until-gone.js';
import type { MessageBody } from './requests.js';

/** Also the one route that needs no token. */
export const HEALTH = '/health';

const VATS_PER_PAGE = 1_000;

/** A copy as vats see it. @throws BadOptionError for data that is nested too deep */
const readArgs = (args: readonly unknown[]): readonly unknown[] =>
  harden(
    jsonCopy(args, 'body.args', ({ field, value, expected, message }) => {
      throw new BadOptionError(field, value, expected, message === undefined ? {} : { message });
    }),
  ) as readonly unknown[];

/** Every vat has a root, and a vatID names one vat only. */
const queueTo =
  (vatID: VatID, method: string, args: readonly unknown[]) =>
  (controller: SwingsetController): string =>
    controller.queueToVatObject(kslot(controller.getRootObject(vatID)), method, args);

const addMessages = (app: FastifyInstance, { blocks, state, limits }: HttpPorts): void => {
  app.post<{ Body: MessageBody }>(
    '/v1/messages',
    { schema: { body: requests.messageBody }, bodyLimit: limits.maxMessageBytes },
    async request => {
      const { vat, method, args = [] } = request.body;
      const vatID = state.findVat(vat);
      if (!vatID) throw unknownVat(vat);
      const bytes = Number(request.headers['content-length'] ?? limits.maxMessageBytes);
      const perform = queueTo(vatID, method, readArgs(args));
      const { value: kpid, height } = await blocks.sendMessage({ perform, bytes });
      return { kpid, height };
    },
  );
};

const addBundles = (app: FastifyInstance, { blocks, limits }: HttpPorts): void => {
  app.post<{ Body: Bundle; Querystring: { readonly bundleID?: string } }>(
    '/v1/bundles',
    {
      schema: { body: requests.bundleBody, querystring: requests.bundleQuery },
      bodyLimit: limits.maxBundleBytes,
    },
    async request => {
      const { body, query, headers } = request;
      const { value: bundleID, height } = await blocks.submit({
        perform: controller => controller.validateAndInstallBundle(body, query.bundleID),
        bytes: Number(headers['content-length'] ?? limits.maxBundleBytes),
      });
      return { bundleID, height };
    },
  );
};

const addResults = (app: FastifyInstance, { state, feed, limits, stopping }: HttpPorts): void => {
  app.get<{ Params: { readonly kpid: string }; Querystring: { readonly wait?: string } }>(
    '/v1/results/:kpid',
    { schema: { params: requests.resultParams, querystring: requests.resultQuery } },
    async (request, reply) => {
      const { kpid } = request.params;
      const seconds = Number(request.query.wait ?? 0);
      if (seconds > 0 && state.result(kpid)?.status === 'unresolved') {
        const { maxWaiting } = limits;
        if (feed.waiting >= maxWaiting) {
          throw new SoloQueueFullError('answers', feed.waiting, maxWaiting);
        }
        await feed.waitForResult(kpid, untilGone(reply, stopping, seconds));
      }
      const result = state.result(kpid);
      if (result) return { kpid, ...result };
      const message = `${kpid} is not the result of a message, or too old to be kept`;
      return answerError(reply, 404, { code: 'NO_RESULT', message });
    },
  );
};

const addQuestions = (app: FastifyInstance, ports: HttpPorts): void => {
  const { state, blocks, metrics } = ports;
  app.get(HEALTH, async () => ({ status: 'ok', height: state.height() }));
  app.get('/v1/status', async () => ({
    ...state.status(),
    waiting: blocks.waiting,
    unresolved: blocks.pendingResults,
  }));
  app.get<{ Querystring: { readonly after?: string; readonly limit?: string } }>(
    '/v1/vats',
    { schema: { querystring: requests.vatsQuery } },
    async ({ query: { after, limit = VATS_PER_PAGE } }) =>
      state.vats({
        after: after === undefined ? undefined : parseVatID(after),
        limit: Math.min(Number(limit), VATS_PER_PAGE),
      }),
  );
  app.get('/metrics', async (_request, reply) =>
    reply.type(METRICS_TYPE).send(await metrics.render()),
  );
};

export const addRoutes = (app: FastifyInstance, ports: HttpPorts): void => {
  addQuestions(app, ports);
  addMessages(app, ports);
  addBundles(app, ports);
  addActions(app, ports);
  addResults(app, ports);
  addEvents(app, ports);
};
