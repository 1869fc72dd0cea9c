/** What those without the token try. */
import { head, upgradeHeaders } from '../../raw-client.js';
import { CLOSED, type Kind, type Tools } from './kind.js';
import { ADD } from './work.js';

/** A kind that must get 401, or a closed connection. */
const refused = (
  name: string,
  share: number,
  ask: (tools: Tools) => Promise<{ readonly outcome: string }>,
): Kind => ({
  name,
  share,
  promised: ['401'],
  allowed: [CLOSED],
  perform: async tools => (await ask(tools)).outcome,
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const HUGE = JSON.stringify({ vat: 'tally', method: 'echo', args: ['x'.repeat(2_000_000)] });

/** The client never ends its side, so that nothing but the server ends the connection. */
const upgrade = async ({ open }: Tools): Promise<string> => {
  const raw = open();
  raw.write(head('GET /v1/events', upgradeHeaders));
  // Bytes that nobody reads.
  raw.write('x'.repeat(1_000));
  await raw.ended;
  return raw.statuses()[0] ?? CLOSED;
};

/** An upgrade in the same packet as a request that is still to be answered. */
const upgradeTooSoon = async ({ open }: Tools): Promise<string> => {
  const raw = open();
  raw.write(head('GET /health') + head('GET /v1/events', upgradeHeaders));
  await raw.ended;
  raw.socket.destroy();
  return raw.statuses()[0] ?? CLOSED;
};

export const strangers: readonly Kind[] = [
  refused('no token', 60, ({ stranger }) => stranger.ask('/v1/status')),
  refused('wrong token', 60, ({ stranger, random }) =>
    stranger.post(
      '/v1/messages',
      ADD,
      bearer(
        random
          .below(2 ** 31)
          .toString(16)
          .padStart(64, '0'),
      ),
    ),
  ),
  refused('part of the token', 10, ({ stranger, token }) =>
    stranger.post('/v1/messages', ADD, bearer(token.slice(0, 63))),
  ),
  refused('more than the token', 10, ({ stranger, token }) =>
    stranger.ask('/metrics', { headers: bearer(`${token}0`) }),
  ),
  refused('no token, unknown route', 10, ({ stranger }) => stranger.ask('/v2/nowhere')),
  refused('no token, unreadable path', 10, ({ stranger }) => stranger.ask('/v1/results/%zz')),
  refused('no token, long path', 10, ({ stranger }) =>
    stranger.ask(`/v1/results/kp${'0'.repeat(3_000)}`),
  ),
  refused('no token, huge body', 4, ({ stranger }) => stranger.post('/v1/messages', HUGE)),
  { name: 'no token, upgrade', share: 10, promised: ['401'], allowed: [CLOSED], perform: upgrade },
  {
    name: 'no token, upgrade too soon',
    share: 10,
    promised: [CLOSED],
    allowed: ['200'],
    perform: upgradeTooSoon,
  },
];
