import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { head, openRaw, upgradeHeaders, type RawClient } from './raw-client.js';
import { openEvents, start } from './support.js';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** What the server says to these bytes before it ends the connection. */
const say = async (port: number, text: string, host?: string): Promise<RawClient> => {
  const raw = openRaw(port, host);
  raw.write(text);
  await raw.ended;
  raw.socket.destroy();
  return raw;
};

const bodyOf = (raw: RawClient): unknown => {
  const text = raw.received().toString('utf8');
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
};

describe('a solo server and those who mean it no good', () => {
  it('survives an upgrade that comes before the answer to an earlier request', async () => {
    const { port, token, send } = await start();
    const upgrade = head('GET /v1/events', upgradeHeaders);
    const raw = await say(port, head('GET /health') + upgrade);
    expect(raw.statuses()).to.deep.equal([]);
    await say(port, head('GET /v1/results/kp1?wait=9', bearer(token)) + upgrade);
    expect((await send('tally', 'add', 1)).status).to.equal(200);
  });

  it('ends connections that ask for an upgrade and are refused, so that none holds up its stop', async () => {
    const { port, stop } = await start();
    const raw = openRaw(port);
    // It goes on writing, and never ends its side.
    raw.write(head('GET /v1/events', upgradeHeaders) + 'x'.repeat(1_000));
    await raw.until(() => raw.statuses().length > 0);
    expect(raw.statuses()).to.deep.equal(['401']);
    await stop();
    raw.socket.destroy();
  });

  it('lets no stranger keep those with the token out, or end their connections', async () => {
    const limits = { maxConnections: 4, headersSeconds: 60, requestSeconds: 60 };
    const { port, token, call } = await start({ limits });
    const friend = openRaw(port);
    const ask = async (answers: number) => {
      friend.write(head('GET /v1/status', bearer(token)));
      await friend.until(() => friend.statuses().length === answers);
    };
    await ask(1);
    const strangers = Array.from({ length: 10 }, () => openRaw(port));
    // The oldest had to go.
    await Promise.all(strangers.slice(0, 6).map(({ ended }) => ended));
    expect(await call('tally', 'add', 1)).to.equal(1);
    await ask(2);
    expect(friend.statuses()).to.deep.equal(['200', '200']);
    for (const { socket } of [...strangers, friend]) socket.destroy();
  });

  it('counts the connections to both of its addresses together', async function test() {
    const hasIPv6 = Object.values(networkInterfaces()).some(each =>
      each?.some(({ address }) => address === '::1'),
    );
    if (!hasIPv6) this.skip();
    const limits = { maxConnections: 2, headersSeconds: 60, requestSeconds: 60 };
    const { port, token, url } = await start({ limits });
    const arrive = async (host: string): Promise<RawClient> => {
      const raw = openRaw(port, host);
      raw.write(head('GET /health'));
      await raw.until(() => raw.statuses().length > 0);
      return raw;
    };
    const first = await arrive('::1');
    const others = [await arrive('127.0.0.1'), await arrive('::1')];
    await first.ended;
    expect((await openEvents(url.replace('127.0.0.1', '[::1]'), token)).status).to.equal(101);
    expect(bodyOf(await say(port, 'hello\r\n\r\n', '::1'))).to.have.nested.property(
      'error.code',
      'BAD_HTTP',
    );
    for (const { socket } of others) socket.destroy();
  });

  it('asks for the token also where a path can not be read', async () => {
    const { ask } = await start();
    const { text } = await ask('/v1/status', {}, 'wrong');
    for (const path of ['/v1/results/%zz', '/%E0%A4%A', `/v1/results/kp${'0'.repeat(3_000)}`]) {
      const refused = await ask(path, {}, 'wrong');
      expect([path, refused.status, refused.text]).to.deep.equal([path, 401, text]);
      const known = await ask(path);
      expect([path, known.status]).to.deep.equal([path, path.includes('%') ? 400 : 414]);
      expect(known.json.error).to.have.all.keys('code', 'message');
    }
  });

  it('says in its own form what is no HTTP', async () => {
    const { port, token } = await start();
    const refusals = [
      ['hello\r\n\r\n', '400', 'BAD_HTTP'],
      // No host, and no token.
      ['GET /v1/status HTTP/1.1\r\n\r\n', '401', 'UNAUTHORIZED'],
      [head('GET /health', { x: 'y'.repeat(20_000) }), '431', 'HEADERS_TOO_LARGE'],
      [
        head('POST /v1/messages', {
          ...bearer(token),
          'content-type': 'application/json',
          'transfer-encoding': 'chunked',
        }).concat('zz\r\n'),
        '400',
        'BAD_HTTP',
      ],
    ] as const;
    for (const [text, status, code] of refusals) {
      const raw = await say(port, text);
      expect(raw.statuses()).to.deep.equal([status]);
      expect(bodyOf(raw)).to.have.nested.property('error.code', code);
    }
  });

  it('ends the connections of strangers whom it refuses, also for their rate', async () => {
    const { port } = await start({ limits: { maxRequestsPerSecond: 1 } });
    const raws = await Promise.all(
      Array.from({ length: 20 }, () => say(port, head('GET /v1/status'))),
    );
    const statuses = raws.flatMap(raw => raw.statuses());
    expect(statuses).to.have.length(20);
    expect(new Set(statuses)).to.deep.equal(new Set(['401', '429']));
  });

  it('bounds how many wait for results', async () => {
    const { send, ask } = await start({ limits: { maxWaiting: 2 } });
    let sent = await send('tally', 'never');
    // What the boot has left in the kernel's queues counts as waiting.
    while (sent.status === 503) sent = await send('tally', 'never');
    const { kpid } = sent.json as { kpid: string };
    const statuses: number[] = [];
    const wait = async () => {
      const { status, headers } = await ask(`/v1/results/${kpid}?wait=2`);
      statuses.push(status);
      if (status === 503) expect(headers.get('retry-after')).to.equal('1');
    };
    await Promise.all([wait(), wait(), wait()]);
    // Nobody needs to wait to be refused.
    expect(statuses).to.deep.equal([503, 200, 200]);
    await wait();
    expect(statuses.at(-1)).to.equal(200);
  });
});
