/** The routes under `/api`. Each answers from one commit, in pages. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerError } from '../../host/solo-server/http/errors.js';
import { untilGone } from '../../host/solo-server/http/until-gone.js';
import { listVats } from '../../host/block-host/queries/vats.js';
import {
  pageOfAcceptanceQueue,
  pageOfRunQueue,
  pageOfWaitQueue,
  type KRefKind,
} from '../../state/pages.js';
import { makeVatID, parseClistOwner, parseKRef, parseVatID } from '../../types/ids.js';
import type { PromiseState, PulseAnswer, VatsAnswer } from '../answers.js';
import { describeActivity } from '../readers/activity.js';
import { describeQueue } from '../readers/events.js';
import { describeKRef, listDevices, listObjects, listPromises } from '../readers/krefs.js';
import { describeEpochs, describeSwingset } from '../readers/overview.js';
import {
  describeVatInFull,
  listClist,
  listTranscript,
  readTranscriptItem,
} from '../readers/vats.js';
import { addActions } from './actions.js';
import type { InspectorPorts } from './ports.js';
import { addRehearsal } from './rehearsal.js';
import * as requests from './requests.js';
import type { Read } from './requests.js';

const PER_PAGE = 50;
const MOST_PER_PAGE = 500;
/** Seconds that an answer about the clock may wait. */
const LONGEST_WAIT = 25;

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

const limitOf = (text: string | undefined): number =>
  Math.min(MOST_PER_PAGE, Math.max(1, numberOf(text) ?? PER_PAGE));

const pageOf = ({ after, limit }: { after?: string | undefined; limit?: string | undefined }) => ({
  after: numberOf(after),
  limit: limitOf(limit),
});

const notFound = (reply: FastifyReply, message: string): FastifyReply =>
  answerError(reply, 404, { code: 'NOT_FOUND', message });

const addPulse = (
  app: FastifyInstance,
  { store, server, mayAct, stopping }: InspectorPorts,
): void => {
  app.get<{ Querystring: Read<typeof requests.pulseQuery> }>(
    '/api/pulse',
    { schema: { querystring: requests.pulseQuery } },
    async ({ query: { after, wait = '0' } }, reply): Promise<PulseAnswer> => {
      const seconds = Math.min(Number(wait), LONGEST_WAIT);
      if (after !== undefined && seconds > 0) {
        await store.waitForOther(Number(after), untilGone(reply, stopping, seconds));
      }
      const { version, crankNumber, problem: storeProblem } = store;
      return { version, crankNumber, storeProblem, server: server.url, mayAct };
    },
  );
};

const addSwingset = (app: FastifyInstance, { home, store, slog }: InspectorPorts): void => {
  app.get('/api/overview', { schema: { querystring: requests.noQuery } }, async () => ({
    home,
    slog: slog?.path ?? null,
    ...store.read(({ tables, reader }) => describeSwingset(tables, reader.getActivityhash())),
  }));
  app.get('/api/epochs', { schema: { querystring: requests.noQuery } }, async () =>
    store.read(({ tables }) => describeEpochs(tables, slog)),
  );
  app.get('/api/activity', { schema: { querystring: requests.noQuery } }, async () =>
    describeActivity(store, slog),
  );
};

const addVats = (app: FastifyInstance, { store }: InspectorPorts): void => {
  app.get<{ Querystring: Read<typeof requests.afterQuery> }>(
    '/api/vats',
    { schema: { querystring: requests.afterQuery } },
    async ({ query }): Promise<VatsAnswer> => {
      const { after, limit } = pageOf(query);
      const page = { after: after === undefined ? undefined : makeVatID(after), limit };
      return store.read(({ vatsView }) => listVats(vatsView, page));
    },
  );
  app.get<{ Params: Read<typeof requests.vatParams> }>(
    '/api/vats/:vatID',
    { schema: { params: requests.vatParams, querystring: requests.noQuery } },
    async ({ params }, reply) => {
      const vatID = parseVatID(params.vatID);
      const found = store.read(({ vatsView, tables, reader }) =>
        describeVatInFull(vatsView, tables, reader, vatID),
      );
      return found ?? notFound(reply, `there never was a vat ${vatID}`);
    },
  );
  app.get<{
    Params: Read<typeof requests.vatParams>;
    Querystring: Read<typeof requests.beforeQuery>;
  }>(
    '/api/vats/:vatID/transcript',
    { schema: { params: requests.vatParams, querystring: requests.beforeQuery } },
    async ({ params, query }) =>
      store.read(({ reader }) =>
        listTranscript(reader, parseVatID(params.vatID), {
          before: numberOf(query.before),
          limit: limitOf(query.limit),
        }),
      ),
  );
  app.get<{ Params: Read<typeof requests.itemParams> }>(
    '/api/vats/:vatID/transcript/:position',
    { schema: { params: requests.itemParams, querystring: requests.noQuery } },
    async ({ params: { vatID, position } }, reply) => {
      const found = store.read(({ reader }) =>
        readTranscriptItem(reader, parseVatID(vatID), Number(position)),
      );
      return found ?? notFound(reply, `${vatID} has no transcript item ${position}`);
    },
  );
  app.get<{
    Params: Read<typeof requests.vatParams>;
    Querystring: Read<typeof requests.fromQuery>;
  }>(
    '/api/vats/:vatID/waiting',
    { schema: { params: requests.vatParams, querystring: requests.fromQuery } },
    async ({ params, query }) => {
      const from = numberOf(query.from) ?? 0;
      const slice = { from, limit: limitOf(query.limit) };
      return store.read(({ tables: { kv } }) =>
        describeQueue(pageOfWaitQueue(kv, parseVatID(params.vatID), slice), from),
      );
    },
  );
};

const addTables = (app: FastifyInstance, { store }: InspectorPorts): void => {
  app.get<{
    Params: Read<typeof requests.queueParams>;
    Querystring: Read<typeof requests.fromQuery>;
  }>(
    '/api/queues/:queue',
    { schema: { params: requests.queueParams, querystring: requests.fromQuery } },
    async ({ params, query }) => {
      const from = numberOf(query.from) ?? 0;
      const slice = { from, limit: limitOf(query.limit) };
      const read = params.queue === 'run' ? pageOfRunQueue : pageOfAcceptanceQueue;
      return store.read(({ tables: { kv } }) => describeQueue(read(kv, slice), from));
    },
  );
  app.get<{ Querystring: Read<typeof requests.afterQuery> }>(
    '/api/objects',
    { schema: { querystring: requests.afterQuery } },
    async ({ query }) => store.read(({ tables }) => listObjects(tables, pageOf(query))),
  );
  app.get<{ Querystring: Read<typeof requests.promisesQuery> }>(
    '/api/promises',
    { schema: { querystring: requests.promisesQuery } },
    async ({ query }) =>
      store.read(({ tables }) =>
        listPromises(tables, pageOf(query), query.state as PromiseState | undefined),
      ),
  );
  app.get<{ Querystring: Read<typeof requests.afterQuery> }>(
    '/api/devices',
    { schema: { querystring: requests.afterQuery } },
    async ({ query }) => store.read(({ tables }) => listDevices(tables, pageOf(query))),
  );
  app.get<{
    Params: Read<typeof requests.ownerParams>;
    Querystring: Read<typeof requests.clistQuery>;
  }>(
    '/api/clists/:owner',
    { schema: { params: requests.ownerParams, querystring: requests.clistQuery } },
    async ({ params, query }) =>
      store.read(({ tables }) =>
        listClist(
          tables,
          parseClistOwner(params.owner),
          (query.kind ?? 'ko') as KRefKind,
          pageOf(query),
        ),
      ),
  );
  app.get<{ Params: Read<typeof requests.krefParams> }>(
    '/api/krefs/:kref',
    { schema: { params: requests.krefParams, querystring: requests.noQuery } },
    async ({ params }) => store.read(({ tables }) => describeKRef(tables, parseKRef(params.kref))),
  );
};

export const addRoutes = (app: FastifyInstance, ports: InspectorPorts): void => {
  addPulse(app, ports);
  addSwingset(app, ports);
  addVats(app, ports);
  addTables(app, ports);
  if (!ports.mayAct) return;
  addActions(app, ports);
  addRehearsal(app, ports);
};
