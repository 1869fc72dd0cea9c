/** Sends an operator's actions to the server of a home. */
import type { BundleID } from '../../types/ids.js';
import { connectSoloServer } from '../solo-server/client.js';
import { resultOf } from '../solo-server/result-of.js';
import type { DirectAction } from './actions.js';
import type { Operator } from './types.js';
import type { QueueReport } from './queue-report.js';

/** The longest that the server lets an answer wait. */
const WAIT_SECONDS = 99;

const bodyOf = ({ action: _action, vatID, ...rest }: DirectAction) => ({
  ...(vatID && { vat: vatID }),
  ...rest,
});

/** @throws SoloServerNotFoundError, SoloTokenError */
export const openServerOperator = (home: string): Operator => {
  const client = connectSoloServer(home);
  return {
    place: 'server',
    perform: async action => {
      await client.post(`/v1/actions/${action.action}`, bodyOf(action));
    },
    upgrade: async ({ action: _upgrade, vatID, ...rest }) => {
      const queued = await client.post('/v1/actions/upgrade', { vat: vatID, ...rest });
      const kpid = String(queued.kpid);
      const { status, value } = await resultOf(client, kpid, WAIT_SECONDS);
      return {
        kpid,
        status,
        ...(status === 'rejected' && {
          problem: typeof value === 'string' ? value : 'the reason is too long to be kept',
        }),
      };
    },
    installBundle: async (bundle, alleged) => {
      const query = alleged === undefined ? '' : `?bundleID=${encodeURIComponent(alleged)}`;
      return (await client.post(`/v1/bundles${query}`, bundle)).bundleID as BundleID;
    },
    runBlock: async () => (await client.post('/v1/actions/drain', {})) as unknown as QueueReport,
    close: async () => undefined,
  };
};
