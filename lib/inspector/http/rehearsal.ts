/** Rehearsals of an epoch: `GET` and `POST /api/rehearsal`, and `POST /api/rehearsal/stop`. */
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { answerError } from '../../host/solo-server/http/errors.js';
import type { RehearsalAnswer } from '../answers.js';
import type { InspectorPorts } from './ports.js';
import { noQuery, type Read } from './requests.js';

const exact = { additionalProperties: false };

/** The command line reads the epoch, which has no control characters. */
const startBody = Type.Object(
  { epoch: Type.String({ pattern: '^[^\\u0000-\\u001f\\u007f]+$', maxLength: 200 }) },
  exact,
);
const stopBody = Type.Object({}, exact);

export const addRehearsal = (app: FastifyInstance, { rehearsals }: InspectorPorts): void => {
  const querystring = noQuery;
  app.get(
    '/api/rehearsal',
    { schema: { querystring } },
    async (): Promise<RehearsalAnswer> => rehearsals.answer,
  );
  app.post<{ Body: Read<typeof startBody> }>(
    '/api/rehearsal',
    { schema: { body: startBody, querystring } },
    async ({ body: { epoch } }, reply) => {
      if (rehearsals.start(epoch)) return rehearsals.answer;
      const message = 'a rehearsal runs already: stop it, or wait for its end';
      return answerError(reply, 409, { code: 'REHEARSAL_RUNS', message });
    },
  );
  app.post('/api/rehearsal/stop', { schema: { body: stopBody, querystring } }, async () => {
    await rehearsals.stop();
    return rehearsals.answer;
  });
};
