import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import bundleSource from '@endo/bundle-source';
import { makePromiseKit } from '@endo/promise-kit';
import { expect } from 'chai';
import { connectSoloServer } from '../../../lib/host/solo-server/client.js';
import { openCommittedReader } from '../../../lib/store/committed-reader.js';
import { errorOf, fixture } from '../../controller/support.js';
import { bundlePackages, esModule } from '../../platform/supervisor/support/archives.js';
import { until } from '../../support/processes.js';
import { config, frailConfig, openEvents, start } from './support.js';

describe('a solo server', () => {
  it('takes messages to local and xsnap vats, and gives their results', async () => {
    const server = await start({ getConfig: async () => ({ ...config }) });
    expect(server.isNew).to.equal(true);
    for (const vat of ['tally', 'engine']) {
      const sent = await server.send(vat, 'add', 4);
      expect(sent.status).to.equal(200);
      expect(sent.json.kpid).to.match(/^kp\d+$/);
      expect(sent.json.height).to.be.greaterThan(0);
      const { json } = await server.ask(`/v1/results/${sent.json.kpid}?wait=60`);
      expect(json).to.deep.include({
        status: 'fulfilled',
        height: sent.json.height,
        data: { body: '#4', slots: [] },
        value: 4,
      });
      expect(await server.call(vat, 'add', 5)).to.equal(9);
    }
    const given = [{ a: [1, 'b', null, true] }, -0.5, ''];
    expect(await server.call('engine', 'echo', ...given)).to.deep.equal(given);
    const { vats } = (await server.ask('/v1/vats')).json as {
      vats: { vatID: string; name: string; state: string }[];
    };
    expect(vats.map(({ name, state }) => [name, state])).to.deep.include.members([
      ['tally', 'running'],
      ['engine', 'running'],
    ]);
    // A vatID names a vat as well.
    const { vatID = '' } = vats.find(({ name }) => name === 'tally') ?? {};
    expect(await server.call(vatID, 'add', 1)).to.equal(10);
  });

  it('says what became of a message that fails, waits, or answers with too much', async () => {
    const { send, ask } = await start({ limits: { maxResultLength: 100 } });
    const resultOf = async (method: string, ...args: unknown[]) => {
      const { kpid } = (await send('tally', method, ...args)).json as { kpid: string };
      return (await ask(`/v1/results/${kpid}`)).json as Record<string, unknown>;
    };
    const failed = await resultOf('fail', 'no milk');
    expect([failed.status, failed.value]).to.deep.equal(['rejected', 'no milk']);
    const never = await resultOf('never');
    expect(never.status).to.equal('unresolved');
    expect(never).not.to.have.any.keys('data', 'value');
    const long = await resultOf('text', 200);
    expect([long.status, long.tooLong, 'value' in long]).to.deep.equal(['fulfilled', 203, false]);
    const object = await resultOf('object');
    expect(object.value).to.have.keys('@kref', 'iface');
    const unknown = await ask('/v1/results/kp99999');
    expect([unknown.status, unknown.json.error.code]).to.deep.equal([404, 'NO_RESULT']);
  });

  it('keeps the newest results only, and holds no promise for older ones', async () => {
    const { send, ask, home } = await start({ limits: { maxResults: 2 } });
    const kpids: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      kpids.push((await send('tally', 'never')).json.kpid as string);
    }
    const statuses = await Promise.all(
      kpids.map(async kpid => (await ask(`/v1/results/${kpid}`)).status),
    );
    expect(statuses).to.deep.equal([404, 404, 200, 200]);
    const reader = openCommittedReader(home);
    const held = kpids.map(kpid => reader.get(`${kpid}.hostInterest`));
    reader.close();
    expect(held).to.deep.equal([undefined, undefined, '1', '1']);
  });

  it('installs bundles', async () => {
    const { post } = await start();
    const bundle = await bundleSource(fixture('counter'), 'endoZipBase64');
    const installed = await post('/v1/bundles', bundle);
    expect(installed.status).to.equal(200);
    const { endoZipBase64Sha512 } = bundle as { endoZipBase64Sha512: string };
    expect(installed.json.bundleID).to.equal(`b1-${endoZipBase64Sha512}`);
    const other = await post('/v1/bundles?bundleID=b1-00', bundle);
    expect([other.status, other.json.error.code]).to.deep.equal([400, 'BAD_BUNDLE']);
    // Its map names a module that nothing imports, and the zip does not have the file.
    const lost = { location: 'lost.js', parser: 'pre-mjs-json', sha512: '0'.repeat(128) };
    const packages = { main: { './vat.js': esModule('export {};'), './lost.js': lost } };
    const incomplete = await post('/v1/bundles', bundlePackages(packages));
    expect([incomplete.status, incomplete.json.error.code]).to.eql([400, 'BAD_BUNDLE']);
    const broken = await post('/v1/bundles', { ...bundle, endoZipBase64: 'AAAA' });
    expect([broken.status, broken.json.error.code]).to.deep.equal([400, 'BAD_BUNDLE']);
  });

  it('reports its status and metrics', async () => {
    const { call, ask, send } = await start({ runtimeOptions: { platformEpoch: 'spring' } });
    await call('tally', 'add', 1);
    await send('tally', 'never');
    const { json: status } = await ask('/v1/status');
    expect(status).to.deep.include({
      queued: 0,
      waiting: 0,
      unresolved: 1,
      platformEpoch: 'spring',
      platformEpochStatus: 'baseline',
    });
    expect(status.bootstrap.status).to.equal('fulfilled');
    const metrics = await ask('/metrics');
    expect(metrics.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    const lines = metrics.text.split('\n');
    expect(lines).to.include.members([
      `swingset_block_height ${status.height}`,
      `swingset_cranks_total ${status.crankNumber}`,
      'swingset_run_queue_length 0',
      'swingset_requests_waiting 0',
      'swingset_results_unresolved 1',
      'swingset_vats{state="running"} 3',
      'swingset_vats{state="suspended"} 0',
    ]);
  });

  it('answers nothing but health without the token, always alike', async () => {
    const { ask, post, url, port, token, home } = await start();
    expect(token).to.match(/^[0-9a-f]{64}$/);
    expect(statSync(join(home, 'solo-token')).mode & 0o777).to.equal(0o600);
    const health = await fetch(`${url}/health`);
    expect(await health.json()).to.have.all.keys('status', 'height');
    const hasIPv6 = Object.values(networkInterfaces()).some(each =>
      each?.some(({ address }) => address === '::1'),
    );
    if (hasIPv6) {
      const answers = ['/health', '/v1/status'].map(path => fetch(`http://[::1]:${port}${path}`));
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      expect(statuses).to.deep.equal([200, 401]);
    }

    const wrong = 'f'.repeat(64);
    const refused = [
      await ask('/v1/status', {}, wrong),
      await ask('/v1/status', {}, ''),
      await ask('/metrics', {}, `${token}0`),
      await ask('/v1/nowhere', {}, wrong),
      // Fastify would answer these itself, before any hook.
      await ask('/v1/%zz', {}, wrong),
      await ask('/%ff?x', {}, wrong),
      await ask('/v1/vats', { headers: { authorization: token } }),
      await post('/v1/messages', { vat: 'tally', method: 'add', args: [1] }, wrong),
      await post('/v1/messages', 'x'.repeat(2_000_000), wrong).catch(() => undefined),
    ].filter(answer => answer !== undefined);
    expect(refused.length).to.be.greaterThan(5);
    expect(new Set(refused.map(({ status }) => status))).to.deep.equal(new Set([401]));
    expect(new Set(refused.map(({ text }) => text)).size).to.equal(1);
    expect((await openEvents(url, wrong)).status).to.equal(401);
    for (const [path, refusal] of [
      ['/v1/nowhere', [404, 'NO_ROUTE']],
      ['/v1/%zz', [400, 'FST_ERR_BAD_URL']],
    ] as const) {
      const { status, json } = await ask(path);
      expect([status, json.error.code]).to.deep.equal(refusal);
    }
  });

  it('answers bytes that are no HTTP as it answers other errors', async () => {
    const { port } = await start();
    const answerTo = async (bytes: string): Promise<string> => {
      const socket = connect({ port, host: '127.0.0.1' });
      let answer = '';
      socket.on('data', chunk => (answer += chunk.toString()));
      socket.end(bytes);
      await once(socket, 'close');
      return answer;
    };
    for (const [bytes, status, code] of [
      ['no request\r\n\r\n', '400 Bad Request', 'BAD_HTTP'],
      [
        `GET /health HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
        '431 Request Header Fields Too Large',
        'HEADERS_TOO_LARGE',
      ],
    ] as const) {
      const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
      expect(head.split('\r\n')[0]).to.equal(`HTTP/1.1 ${status}`);
      const { error } = JSON.parse(body) as { error: { code: string; message: string } };
      expect(error.code).to.equal(code);
      expect(error.message).to.match(/^[a-z]/);
    }
  });

  it('does not start with a token that others can read', async () => {
    const { home, stop, token } = await start();
    await stop();
    // The next life has the same token.
    const second = await start({ home });
    expect(second.token).to.equal(token);
    await second.stop();
    chmodSync(join(home, 'solo-token'), 0o644);
    const error = await errorOf(() => start({ home }));
    expect(error.code).to.equal('SOLO_TOKEN');
    expect(error.message).to.contain('not 0600');
    chmodSync(join(home, 'solo-token'), 0o600);
    writeFileSync(join(home, 'solo-token'), 'secret');
    expect((await errorOf(() => start({ home }))).message).to.contain('64 hexadecimal digits');
  });

  it('refuses what is malformed, names field and value, and carries on', async () => {
    const { post, send, ask, call } = await start();
    const refusal = async (body: unknown) => {
      const { status, json } = await post('/v1/messages', body);
      return [status, json.error.code, json.error.message] as const;
    };
    expect(await refusal({ vat: 'taly', method: 'add' })).to.deep.equal([
      400,
      'BAD_OPTION',
      'body.vat: expected the name of a static vat, or the vatID of one that lives, got "taly"',
    ]);
    const [, , wrongType] = await refusal({ vat: 7, method: 'add' });
    expect(wrongType).to.equal('body.vat: must be string, got 7');
    const [, , noArray] = await refusal({ vat: 'tally', method: 'add', args: '1' });
    expect(noArray).to.equal('body.args: must be array, got "1"');
    const [, , surplus] = await refusal({ vat: 'tally', method: 'add', slots: [] });
    expect(surplus).to.equal('body: unknown field "slots"');
    const [deepStatus, , deep] = await refusal(
      `{"vat":"tally","method":"echo","args":${'['.repeat(500)}${']'.repeat(500)}}`,
    );
    expect(deepStatus).to.equal(400);
    expect(deep).to.contain('200 levels deep');
    expect((await refusal('{"vat":'))[0]).to.equal(400);
    expect((await refusal('{"__proto__":{},"vat":"tally","method":"add"}'))[0]).to.equal(400);
    const asText = await ask('/v1/messages', { method: 'POST', body: '{}' });
    expect(asText.status).to.equal(415);
    expect((await ask('/v1/results/ko20')).json.error.message).to.contain('params.kpid');
    // Neither the references nor the notation of other formats: data is data.
    const given = [{ '@kref': 'ko20' }, { '@qclass': 'slot', index: 0 }, '$0.Alleged: x'];
    expect((await send('tally', 'echo', ...given)).status).to.equal(200);
    expect(await call('tally', 'echo', ...given)).to.deep.equal(given);
  });

  it('refuses bodies that are too large', async () => {
    const { post, call } = await start();
    const large = { vat: 'tally', method: 'echo', args: ['x'.repeat(1_000_000)] };
    expect((await post('/v1/messages', large)).status).to.equal(413);
    const bundle = { moduleFormat: 'endoZipBase64', endoZipBase64: 'x'.repeat(10_000_000) };
    expect((await post('/v1/bundles', bundle)).status).to.equal(413);
    expect(await call('tally', 'add', 1)).to.equal(1);
  });

  it('closes connections that never finish a request, and those beyond its limit', async () => {
    const limits = { headersSeconds: 1, requestSeconds: 2, maxConnections: 4 };
    const { port, token, send } = await start({ limits });
    const open = async (text: string) => {
      const socket = connect(port, '127.0.0.1');
      // The other end may reset it.
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(text);
      return new Promise<void>(resolve => {
        socket.once('close', () => resolve());
      });
    };
    const post = `POST /v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"vat":`;
    await Promise.all([
      open('GET /health HTTP/1.1\r\nhost: x\r\nx-slow: '),
      open(post),
      open(''),
      open('GET /health HTTP/1.1\r\nhost: x\r\nx-slow: '),
      open('GET /health HTTP/1.1\r\nhost: x\r\nx-slow: '),
    ]);
    let { status } = await send('tally', 'add', 1);
    // A slow machine may be too slow for these limits.
    while (status === 408) ({ status } = await send('tally', 'add', 1));
    expect(status).to.equal(200);
  });

  it('bounds the rate of those with the token and of others apart', async () => {
    const { ask, url } = await start({ limits: { maxRequestsPerSecond: 2 } });
    const many = (shown?: string) =>
      Promise.all(Array.from({ length: 60 }, () => ask('/v1/status', {}, shown)));
    const strangers = await many('x');
    const refused = strangers.filter(({ status }) => status === 429);
    expect(refused.length).to.be.greaterThan(0);
    expect(refused[0]!.headers.get('retry-after')).to.equal('1');
    expect(refused[0]!.json.error.code).to.equal('TOO_MANY_REQUESTS');
    expect((await ask('/v1/status')).status).to.equal(200);
    expect((await fetch(`${url}/health`)).status).to.equal(200);
  });

  it('bounds what waits, and delivers all that it accepted', async () => {
    // One crank a block, so that the kernel's queue stays long.
    const { send, ask, call } = await start({
      blockComputrons: 1,
      blockInterval: 0.05,
      limits: { maxWaiting: 5, headersSeconds: 60, requestSeconds: 60 },
    });
    const answers = await Promise.all(Array.from({ length: 40 }, () => send('tally', 'add', 1)));
    const accepted = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 503);
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200, 503]));
    expect(refused.length).to.be.greaterThan(0);
    expect(refused[0]!.json.error.code).to.equal('SOLO_QUEUE_FULL');
    expect(refused[0]!.headers.get('retry-after')).to.equal('1');
    for (const { json } of accepted) {
      const result = await ask(`/v1/results/${json.kpid}?wait=60`);
      expect(result.json.status).to.equal('fulfilled');
    }
    expect(await call('tally', 'add', 0)).to.equal(accepted.length);
  });

  it('tells of each block after its commit', async () => {
    const heights: (readonly [number, string | undefined])[] = [];
    const { url, token, home, send, ask, stop } = await start({
      onBlock: ({ height }) => {
        const reader = openCommittedReader(home);
        heights.push([height, reader.get('host.solo.height')]);
        reader.close();
      },
    });
    const { status, socket, events } = await openEvents(url, token);
    expect(status).to.equal(101);
    const first = (await send('tally', 'add', 1)).json as { kpid: string; height: number };
    await ask(`/v1/results/${first.kpid}?wait=60`);
    const second = (await send('tally', 'add', 1)).json as { kpid: string; height: number };
    await ask(`/v1/results/${second.kpid}?wait=60`);
    const resolved = () =>
      (events() as { height: number; cranks: number; resolved: { kpid: string }[] }[]).flatMap(
        event => event.resolved,
      );
    await until(() => resolved().length === 2);
    expect(resolved()).to.deep.equal([
      { kpid: first.kpid, status: 'fulfilled' },
      { kpid: second.kpid, status: 'fulfilled' },
    ]);
    expect(heights.length).to.be.greaterThan(1);
    for (const [height, stored] of heights) expect(stored).to.equal(String(height));
    // A client that does not answer holds up no stop.
    await stop();
    socket?.destroy();
  });

  it('ends when a listener of blocks throws or rejects, and refuses one that is no function', async () => {
    for (const onBlock of [
      () => {
        throw Error('no room for the log');
      },
      () => Promise.reject(Error('no room for the log')),
    ]) {
      const { home, ended } = await start({ onBlock });
      const error = await errorOf(() => ended);
      expect(error.message).to.equal('no room for the log');
      const again = await start({ home });
      expect(await again.call('tally', 'add', 1)).to.equal(1);
    }
    const wrong = { onBlock: 'print' } as unknown as Parameters<typeof start>[0];
    expect(await errorOf(() => start(wrong))).to.include({ code: 'BAD_OPTION', field: 'onBlock' });
  });

  it('lets a listener of blocks wait for the next block', async () => {
    const answers: unknown[] = [];
    let first: (() => Promise<void>) | undefined;
    const heard = makePromiseKit<void>();
    const { send, call } = await start({
      onBlock: async () => {
        const ask = first;
        first = undefined;
        await ask?.();
      },
    });
    await call('tally', 'add', 1);
    first = async () => {
      answers.push((await send('tally', 'add', 1)).status);
      heard.resolve();
    };
    await call('tally', 'add', 1);
    await heard.promise;
    expect(answers).to.deep.equal([200]);
  });

  it('ends after a panic, and commits nothing of that block', async () => {
    const options = { getConfig: async () => ({ ...frailConfig }) };
    const first = await start(options);
    expect(await first.call('tally', 'add', 1)).to.equal(1);
    const [counted, died] = await Promise.all([
      first.send('tally', 'add', 1),
      first.send('frail', 'die'),
    ]);
    // Both are in the same block, or the first one in the block before.
    expect([died.status, died.json.error.code]).to.deep.equal([503, 'SOLO_SERVER_STOPPED']);
    expect((await errorOf(() => first.ended)).code).to.equal('KERNEL_PANIC');
    expect(existsSync(join(first.home, 'solo-server.json'))).to.equal(false);

    const second = await start({ ...options, home: first.home });
    expect(await second.call('tally', 'add', 0)).to.equal(counted.status === 200 ? 2 : 1);
    expect(await second.call('frail', 'add', 1)).to.equal(1);
  });

  it('closes its store when the file that says where it listens can not be removed', async () => {
    const { home, stop } = await start();
    const path = join(home, 'solo-server.json');
    rmSync(path);
    mkdirSync(path);
    expect((await errorOf(stop)).code).to.equal('ERR_FS_EISDIR');
    rmdirSync(path);
    const again = await start({ home });
    expect(await again.call('tally', 'add', 1)).to.equal(1);
  });

  it('says where it listens, until it is stopped', async () => {
    const { home, url, stop, send } = await start();
    const path = join(home, 'solo-server.json');
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(JSON.parse(readFileSync(path, 'utf8'))).to.deep.include({ url, pid: process.pid });
    expect(await connectSoloServer(home).get('/v1/status')).to.include({ waiting: 0 });
    const text = readFileSync(path, 'utf8');
    await stop();
    expect(existsSync(path)).to.equal(false);
    expect((await errorOf(() => connectSoloServer(home))).code).to.equal('SOLO_SERVER_NOT_FOUND');
    await errorOf(() => send('tally', 'add', 1));

    // Left behind by a process that was killed, whose ID another one has now.
    writeFileSync(path, text.replace(/"processStartedAt": "[^"]*"/, '"processStartedAt": "1"'));
    const stale = await errorOf(() => connectSoloServer(home));
    expect(stale.code).to.equal('SOLO_SERVER_NOT_FOUND');
    expect(stale.message).to.contain('without a clean stop').and.contain('swingset-kernel start');
    writeFileSync(path, text);
    const dead = await errorOf(() => connectSoloServer(home).get('/v1/status'));
    expect(dead.message).to.contain('does not answer');
  });

  it('delivers what waited for a vat that is back, though a block ends in between', async () => {
    // A block has time for one crank.
    const server = await start({ blockComputrons: 1 });
    await server.post('/v1/actions/suspend', { vat: 'tally' });
    const sent: string[] = [];
    for (const by of [1, 2, 3, 4]) {
      sent.push((await server.send('tally', 'add', by)).json.kpid as string);
    }
    while ((await server.ask('/v1/status')).json.queued > 0);
    await server.post('/v1/actions/resume', { vat: 'tally' });
    const totals: unknown[] = [];
    for (const kpid of sent) {
      totals.push((await server.ask(`/v1/results/${kpid}?wait=20`)).json.value);
    }
    expect(totals).to.deep.equal([1, 3, 6, 10]);
  });

  it('restarts vats once for a new epoch', async () => {
    const first = await start({ runtimeOptions: { platformEpoch: 1 } });
    expect(await first.call('tally', 'add', 3)).to.equal(3);
    const { home } = first;
    await first.stop();
    const second = await start({ home, runtimeOptions: { platformEpoch: 2 } });
    expect(second.restartReport?.vats.map(({ result }) => result)).to.deep.equal(
      second.restartReport?.vats.map(() => 'restarted'),
    );
    expect(await second.call('tally', 'add', 1)).to.equal(4);
    await second.stop();
    const third = await start({ home, runtimeOptions: { platformEpoch: 2 } });
    expect(third.restartReport).to.equal(undefined);
    const { vats } = (await third.ask('/v1/vats')).json as { vats: { incarnation: number }[] };
    expect(new Set(vats.map(({ incarnation }) => incarnation))).to.deep.equal(new Set([1]));
    expect(await third.call('tally', 'add', 0)).to.equal(4);
  });

  it('refuses options that make no sense', async () => {
    const codes = await Promise.all(
      [
        { port: 70_000 },
        { port: 1.5 },
        { blockInterval: -1 },
        { blockComputrons: 0 },
        { limits: { maxWaiting: 0 } },
        { limits: { headersSeconds: 60 } },
        { limits: { maxwaiting: 3 } as object },
        { ports: 3 } as object,
      ].map(async options => (await errorOf(() => start(options))).code),
    );
    expect(new Set(codes)).to.deep.equal(new Set(['BAD_OPTION']));
  });
});
