/**
 * Routes for what an operator does to vats and queues: `POST /v1/actions/<action>`.
 *
 * They get through when the kernel's queues are full: whoever shows the token is the operator, and
 * full queues are what actions mend.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RunQueueEvent } from '../../../state/events.js';
import { parseBundleID, type VatID } from '../../../types/ids.js';
import {
  actionBodies,
  type ActionBody,
  type ActionName,
  type DirectAction,
} from '../../operator-actions/actions.js';
import { performAction, queueUpgrade } from '../../operator-actions/perform.js';
import { reportQueue } from '../../operator-actions/queue-report.js';
import { unknownVat } from './errors.js';
import type { HttpPorts } from './ports.js';
import { emptyBody } from './requests.js';

export const addActions = (app: FastifyInstance, { blocks, state, limits }: HttpPorts): void => {
  const { readKernel } = state;
  const bodyLimit = limits.maxMessageBytes;
  const bytesOf = ({ headers }: FastifyRequest): number =>
    Number(headers['content-length'] ?? bodyLimit);
  const find = (vat: string): VatID => {
    const vatID = state.findVat(vat);
    if (vatID) return vatID;
    throw unknownVat(vat);
  };

  /** Adds the route of an action that is done when its block is. */
  const add = <A extends Exclude<ActionName, 'upgrade'>>(
    name: A,
    read: (body: ActionBody<A>) => DirectAction,
  ): void => {
    app.post(
      `/v1/actions/${name}`,
      { schema: { body: actionBodies[name] }, bodyLimit },
      async request => {
        const action = read(request.body as ActionBody<A>);
        const { height } = await blocks.submit({
          perform: controller => performAction({ controller, readKernel }, action),
          bytes: bytesOf(request),
          isUrgent: true,
        });
        return { height };
      },
    );
  };
  add('suspend', ({ vat }) => ({ action: 'suspend', vatID: find(vat) }));
  add('resume', ({ vat }) => ({ action: 'resume', vatID: find(vat) }));
  add('restart', ({ vat, ...rest }) => ({ action: 'restart', vatID: find(vat), ...rest }));
  add('terminate', ({ vat, ...rest }) => ({ action: 'terminate', vatID: find(vat), ...rest }));
  add('drop', ({ vat, index, event }) => ({
    action: 'drop',
    ...(vat !== undefined && { vatID: find(vat) }),
    index,
    // The kernel compares it with what is there.
    event: event as unknown as RunQueueEvent,
  }));

  app.post<{ Body: ActionBody<'upgrade'> }>(
    '/v1/actions/upgrade',
    { schema: { body: actionBodies.upgrade }, bodyLimit },
    async request => {
      const { vat, bundleID, ...rest } = request.body;
      const action = {
        action: 'upgrade',
        vatID: find(vat),
        bundleID: parseBundleID(bundleID),
        ...rest,
      } as const;
      const { value: kpid, height } = await blocks.sendMessage({
        perform: controller => queueUpgrade({ controller, readKernel }, action),
        bytes: bytesOf(request),
        isUrgent: true,
      });
      return { kpid, height };
    },
  );

  app.post('/v1/actions/drain', { schema: { body: emptyBody }, bodyLimit }, async request => {
    const { height } = await blocks.submit({
      perform: () => undefined,
      bytes: bytesOf(request),
      isUrgent: true,
    });
    return { height, ...reportQueue(readKernel()) };
  });
};
