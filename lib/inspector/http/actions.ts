/**
 * What an operator may do from the page: `POST /api/actions/<action>` and `POST /api/bundles`.
 *
 * Boundary: asks the solo server that runs on the home. Never opens a store to write.
 *
 * Invariants
 * 1. These routes exist only with `allowActions`, and refuse a chain's home.
 * 2. What can't be undone is done only to a vat whose name (`confirmation.ts`) the request repeats.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import { SwingsetError } from '../../errors.js';
import { findVat } from '../../host/find-vat.js';
import { actionBodies } from '../../host/operator-actions/actions.js';
import { insistNoChain } from '../../host/operator-actions/chain-store.js';
import { openServerOperator } from '../../host/operator-actions/server-operator.js';
import type { Operator } from '../../host/operator-actions/types.js';
import {
  connectSoloServer,
  SoloRequestError,
  type SoloClient,
} from '../../host/solo-server/client.js';
import { answerError } from '../../host/solo-server/http/errors.js';
import { messageBody } from '../../host/solo-server/http/requests.js';
import { resultOf } from '../../host/solo-server/result-of.js';
import type { Bundle } from '../../store/types.js';
import { parseBundleID, type VatID } from '../../types/ids.js';
import type { ActionAnswer, BundleAnswer } from '../answers.js';
import { confirmationOf } from '../confirmation.js';
import { textOfResult } from '../readers/text.js';
import type { InspectorPorts } from './ports.js';
import { noQuery } from './requests.js';

/** The solo server of the home. */
interface Connection {
  readonly operator: Operator;
  readonly client: SoloClient;
}

const MAX_BODY_BYTES = 1_000_000;
/** As much as a solo server takes. */
const MAX_BUNDLE_BYTES = 10_000_000;

const terminateBody = Type.Object(
  { ...actionBodies.terminate.properties, confirm: Type.String({ maxLength: 1_000 }) },
  { additionalProperties: false },
);

const bundleBody = Type.Object({}, { additionalProperties: true });

/** The request does not repeat the name of the vat that would end. */
class NotConfirmedError extends SwingsetError {
  readonly code = 'NOT_CONFIRMED';
}

/** Status of what was refused here. */
const OWN_STATUS: Readonly<Record<string, number>> = {
  UNKNOWN_VAT: 404,
  NOT_CONFIRMED: 400,
  CHAIN_STORE: 403,
  SOLO_SERVER_NOT_FOUND: 409,
  SOLO_TOKEN: 409,
};

/** Refusals of the solo server that are about the request. Others are faults between the two. */
const PASSED_ON: readonly number[] = [400, 404, 409, 413, 429, 503];

/** @throws what is no refusal */
const answerRefusal = (reply: FastifyReply, error: unknown): FastifyReply => {
  if (error instanceof SoloRequestError) {
    const status = PASSED_ON.includes(error.status) ? error.status : 502;
    return answerError(reply, status, { code: error.reason ?? error.code, message: error.message });
  }
  if (!(error instanceof SwingsetError)) throw error;
  const { code, message } = error;
  const status = OWN_STATUS[code];
  if (status === undefined) throw error;
  return answerError(reply, status, { code, message });
};

const DONE: ActionAnswer = { status: 'done', kpid: null, value: null, problem: null };

/** How long an answer waits for the result of a message. A vat out of service gives none. */
const RESULT_SECONDS = 3;

/** Characters of a result here. The page of its promise has more. */
const MOST_RESULT = 500;

const sendMessage = async (client: SoloClient, body: object): Promise<ActionAnswer> => {
  const kpid = String((await client.post('/v1/messages', body)).kpid);
  const { status, value } = await resultOf(client, kpid, RESULT_SECONDS);
  if (status === 'unresolved') return { ...DONE, status, kpid };
  const text = textOfResult(status, value).slice(0, MOST_RESULT);
  return status === 'fulfilled'
    ? { ...DONE, kpid, value: text }
    : { ...DONE, status, kpid, problem: text };
};

const toConfirm = ({ store }: InspectorPorts, vatID: VatID): string =>
  store.read(({ tables: { state } }) => confirmationOf(vatID, state.vats.getOptions(vatID).name));

export const addActions = (app: FastifyInstance, ports: InspectorPorts): void => {
  const { home, store } = ports;

  const connect = (): Connection => {
    // Another store may have taken the place of the one that was there at the start.
    insistNoChain(home);
    return { operator: openServerOperator(home), client: connectSoloServer(home) };
  };

  const addRoute = <Schema extends TSchema, Done>(
    path: string,
    body: Schema,
    bodyLimit: number,
    perform: (server: Connection, body: Static<Schema>) => Promise<Done>,
  ): void => {
    const schema = { body, querystring: noQuery };
    app.post(path, { schema, bodyLimit }, async (request, reply) => {
      try {
        return await perform(connect(), request.body as Static<Schema>);
      } catch (error) {
        return answerRefusal(reply, error);
      }
    });
  };

  const add = <Schema extends TSchema>(
    name: string,
    body: Schema,
    perform: (server: Connection, body: Static<Schema>) => Promise<ActionAnswer>,
  ): void => addRoute(`/api/actions/${name}`, body, MAX_BODY_BYTES, perform);

  const find = (vat: string): VatID => store.read(({ tables: { state } }) => findVat(state, vat));

  for (const action of ['suspend', 'resume'] as const) {
    add(action, actionBodies[action], async ({ operator }, { vat }) => {
      await operator.perform({ action, vatID: find(vat) });
      return DONE;
    });
  }
  add('restart', actionBodies.restart, async ({ operator }, { vat, ...rest }) => {
    await operator.perform({ action: 'restart', vatID: find(vat), ...rest });
    return DONE;
  });
  add('terminate', terminateBody, async ({ operator }, { vat, confirm, ...rest }) => {
    const vatID = find(vat);
    const wanted = toConfirm(ports, vatID);
    if (confirm !== wanted) {
      throw new NotConfirmedError(`${vatID} would end for good: to confirm it, type ${wanted}`);
    }
    await operator.perform({ action: 'terminate', vatID, ...rest });
    return DONE;
  });
  add('upgrade', actionBodies.upgrade, async ({ operator }, { vat, bundleID, ...rest }) => {
    const { kpid, status, problem } = await operator.upgrade({
      action: 'upgrade',
      vatID: find(vat),
      bundleID: parseBundleID(bundleID),
      ...rest,
    });
    return {
      ...DONE,
      status: status === 'fulfilled' ? 'done' : status,
      kpid,
      problem: problem ?? null,
    };
  });
  add('send', messageBody, ({ client }, body) => sendMessage(client, body));
  addRoute(
    '/api/bundles',
    bundleBody,
    MAX_BUNDLE_BYTES,
    async ({ operator }, bundle): Promise<BundleAnswer> => ({
      // The server checks it.
      bundleID: await operator.installBundle(bundle as unknown as Bundle),
    }),
  );
};
