import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type {
  ActivityAnswer,
  ClistAnswer,
  EpochsAnswer,
  KRefAnswer,
  ObjectsAnswer,
  OverviewAnswer,
  PromisesAnswer,
  PulseAnswer,
  QueueAnswer,
  TranscriptAnswer,
  TranscriptItemAnswer,
  VatAnswerInFull,
  VatsAnswer,
} from '../../lib/inspector/answers.js';
import { startInspector, type Inspector } from '../../lib/inspector/start-inspector.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { STORE_FILE } from '../../lib/store/schema.js';
import { failureOf } from '../support/failure.js';
import { makeAsk } from './support/client.js';
import { HOSTILE, makeSwingset, OBJECTS, type Swingset } from './support/swingset.js';

describe('the inspector', () => {
  let swingset: Swingset;
  let inspector: Inspector;
  let ask: ReturnType<typeof makeAsk>;

  before(async () => {
    swingset = await makeSwingset();
    inspector = await swingset.inspect({ slog: swingset.slog });
    ask = makeAsk(inspector);
  });

  after(() => swingset?.close());

  const read = async <T>(path: string): Promise<T> => {
    const { status, text, json } = await ask(path);
    if (status !== 200) throw Error(`${path}: ${status} ${text}`);
    return json as T;
  };

  const vatNamed = async (name: string): Promise<string> => {
    const { vats } = await read<VatsAnswer>('/api/vats');
    const found = vats.find(vat => vat.state !== 'terminated' && vat.name === name);
    if (!found) throw Error(`no vat ${name}`);
    return found.vatID;
  };

  describe('lets nobody read who may not', () => {
    it('answers 401 below /api without the token, and tells nothing', async () => {
      for (const path of [
        '/api/overview',
        '/api/vats/v1',
        '/api/nothing',
        '/api',
        '/api?x=1',
        '/%61pi/overview',
      ]) {
        for (const token of [null, '', 'x', inspector.token.slice(1), `${inspector.token}0`]) {
          const { status, text } = await ask(path, { token });
          expect([path, status]).to.deep.equal([path, 401]);
          expect(text).not.to.include(swingset.home);
        }
      }
      expect((await ask('/api/overview')).status).to.equal(200);
    });

    it('serves the page without it, which has nothing of the store', async () => {
      for (const path of ['/', '/vats', '/krefs/ko20', '/vats/v1/transcript/3?x=1']) {
        const { status, headers, text } = await ask(path, { token: null });
        expect([path, status]).to.deep.equal([path, 200]);
        expect(headers['content-type']).to.equal('text/html; charset=utf-8');
        expect(text).to.include('/page.js').and.not.to.include(inspector.token);
      }
      const licenses = await ask('/LICENSES.txt', { token: null });
      expect(licenses.text)
        .to.match(/^preact\n/)
        .and.to.include('uplot')
        .and.to.include('MIT');
      expect((await ask('/page.js', { token: null })).headers['content-type']).to.match(
        /javascript/,
      );
    });

    it('refuses a Host that is not its own loopback', async () => {
      const { port } = inspector;
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        'localhost',
        `127.0.0.1:${port + 1}`,
      ]) {
        for (const path of ['/', '/api/overview']) {
          const { status, json } = await ask(path, { host });
          expect([host, status, json.error.code]).to.deep.equal([host, 421, 'WRONG_HOST']);
        }
      }
      for (const host of [`localhost:${port}`, `[::1]:${port}`, `127.0.0.1:${port}`]) {
        expect((await ask('/api/overview', { host })).status).to.equal(200);
      }
    });

    it('treats paths that can not be read like all others', async () => {
      const path = '/api/%zz';
      expect((await ask(path, { host: 'evil.example' })).status).to.equal(421);
      expect((await ask(path, { token: null })).status).to.equal(401);
      const { status, headers, json } = await ask(path);
      expect([status, headers['cache-control']]).to.deep.equal([400, 'no-store']);
      expect(json.error).to.have.all.keys('code', 'message');
    });

    it('has no route that writes, and none elsewhere', async () => {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        expect((await ask('/api/overview', { method })).status).to.equal(404);
      }
      for (const path of ['/../package.json', '/%2e%2e/package.json', '/vatsx', '/api/nothing']) {
        expect((await ask(path)).status, path).to.equal(404);
      }
    });

    it('lets the page load nothing from elsewhere, and nobody frame it', async () => {
      const { headers } = await ask('/');
      const policy = String(headers['content-security-policy']);
      expect(policy).to.include("default-src 'none'").and.include("frame-ancestors 'none'");
      expect(policy).not.to.match(/unsafe|https?:|\*/);
      expect(headers['x-content-type-options']).to.equal('nosniff');
      expect(headers['referrer-policy']).to.equal('no-referrer');
      expect(headers['cache-control']).to.equal('no-store');
    });

    it('refuses numbers, kinds and fields that make no sense', async () => {
      for (const path of [
        '/api/objects?after=-1',
        '/api/objects?after=1e3',
        '/api/objects?after=99999999999999999999',
        '/api/objects?limit=',
        '/api/objects?offset=3',
        '/api/promises?state=maybe',
        '/api/clists/v1?kind=vs',
        '/api/clists/local.v1',
        '/api/vats/x1',
        '/api/vats/v1/transcript/-1',
        '/api/krefs/ko',
        '/api/krefs/host.solo',
        '/api/queues/other',
        '/api/overview?x=1',
      ]) {
        const { status, json } = await ask(path);
        expect([path, status, json.error.code]).to.deep.equal([path, 400, 'BAD_REQUEST']);
      }
    });
  });

  it('shows the swingset', async () => {
    const overview = await read<OverviewAnswer>('/api/overview');
    expect(overview).to.deep.include({
      home: swingset.home,
      slog: swingset.slog,
      height: null,
      waiting: 1,
      vats: { running: 3, paused: 0, sleeping: 0, suspended: 1, terminated: 0 },
      epoch: { epoch: 'summer', status: 'complete' },
    });
    expect(overview.activityhash).to.match(/^[0-9a-f]{64}$/);
    expect(overview.stats.vats).to.equal(4);
    expect(overview.runQueue + overview.acceptanceQueue).to.be.greaterThan(1);
  });

  it('lists the vats in pages, with a name that is hostile', async () => {
    const { vats, more } = await read<VatsAnswer>('/api/vats');
    expect(more).to.equal(false);
    expect(vats.map(vat => vat.state).sort()).to.deep.equal([
      ...['running', 'running', 'running', 'suspended'],
    ]);
    const frail = vats.find(vat => vat.state === 'suspended');
    expect(frail).to.deep.include({
      name: HOSTILE,
      worker: 'local',
      platformEpoch: null,
      waiting: 1,
    });
    expect(frail).to.have.nested.property('service.type', 'failed');
    const first = await read<VatsAnswer>('/api/vats?limit=2');
    expect([first.vats.length, first.more]).to.deep.equal([2, true]);
    const after = first.vats[1]!.vatID.slice(1);
    const rest = await read<VatsAnswer>(`/api/vats?after=${after}`);
    expect([...first.vats, ...rest.vats]).to.deep.equal(vats);
  });

  it('shows one vat: its service, options, spans and what waits', async () => {
    const vatID = await vatNamed(HOSTILE);
    const answer = await read<VatAnswerInFull>(`/api/vats/${vatID}`);
    expect(answer.options).to.have.nested.property('workerOptions.type', 'local');
    expect(answer.vat).to.have.nested.property('service.error').that.includes('<script>');
    expect(answer.spans.map(span => span.incarnation)).to.deep.equal([1, 0]);
    expect(answer.spans[0]).to.have.property('isCurrent', true);
    expect(answer.snapshots).to.deep.equal([]);
    const { length, events } = await read<QueueAnswer>(`/api/vats/${vatID}/waiting`);
    expect(length).to.equal(1);
    expect(events[0]).to.deep.include({ type: 'send', target: answer.root, method: 'hello' });
    expect(events[0]?.data?.body.text).to.include('anybody there?');
    expect((await ask('/api/vats/v99')).status).to.equal(404);
  });

  it('shows a transcript, newest first, and each of its items', async () => {
    const vatID = await vatNamed('maker');
    const path = `/api/vats/${vatID}/transcript`;
    const { items, next } = await read<TranscriptAnswer>(`${path}?limit=5`);
    expect(items.map(({ position }) => position)).to.deep.equal(
      items.map((_, index) => items[0]!.position - index),
    );
    expect(next).to.equal(items[4]!.position);
    const older = await read<TranscriptAnswer>(`${path}?limit=500&before=${next}`);
    expect(older.items[0]!.position).to.equal(next! - 1);
    expect(older.next).to.equal(null);
    const made = older.items.find(({ method }) => method === 'make');
    expect(made).to.deep.include({ kind: 'message', failed: false, incarnation: 1 });
    const { item } = await read<TranscriptItemAnswer>(`${path}/${made!.position}`);
    expect(item.text.length).to.equal(item.length);
    expect(JSON.parse(item.text)).to.have.nested.property('d[0]', 'message');
    expect((await ask(`${path}/999999`)).status).to.equal(404);
  });

  it('pages through objects by number, each with owner and counts', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/api/objects?limit=50';
    for (; path !== undefined;) {
      const { objects, next }: ObjectsAnswer = await read(path);
      seen.push(...objects.map(({ kref }) => kref));
      path = next === null ? undefined : `/api/objects?limit=50&after=${next}`;
    }
    expect(seen.length).to.be.greaterThan(OBJECTS);
    const numbers = seen.map(kref => Number(kref.slice(2)));
    expect(numbers).to.deep.equal([...new Set(numbers)].sort((a, b) => a - b));
  });

  it('links a kref to its owner, to those who import it, and to their c-lists', async () => {
    const maker = await vatNamed('maker');
    const bootstrap = await vatNamed('bootstrap');
    const { objects } = await read<ObjectsAnswer>('/api/objects?limit=500');
    const things = objects.filter(({ owner, reachable }) => owner === maker && reachable > 0);
    // The first is the root.
    const { kref } = things[1]!;
    const answer = await read<KRefAnswer>(`/api/krefs/${kref}`);
    expect(answer).to.deep.include({ kind: 'object', exists: true, pinned: false });
    expect(answer.object).to.deep.include({ owner: maker, ownerName: 'maker' });
    expect(answer.holders.map(({ owner, isExport }) => [owner, isExport])).to.deep.equal(
      [[bootstrap, false] as const, [maker, true] as const].sort(([a], [b]) => a.localeCompare(b)),
    );
    const { vref } = answer.holders.find(({ owner }) => owner === maker)!;
    const before = Number(kref.slice(2)) - 1;
    const clist = await read<ClistAnswer>(`/api/clists/${maker}?after=${before}&limit=1`);
    expect(clist).to.deep.include({ owner: maker, name: 'maker' });
    expect(clist.entries).to.deep.equal([{ kref, vref, reachable: true, isExport: true }]);
    expect(await read<KRefAnswer>('/api/krefs/ko999999')).to.deep.include({ exists: false });
  });

  it('shows promises by state, with decider, subscribers and queue', async () => {
    const maker = await vatNamed('maker');
    const { promises, next } = await read<PromisesAnswer>(
      '/api/promises?state=unresolved&limit=500',
    );
    expect(next).to.equal(null);
    expect(promises.every(({ state }) => state === 'unresolved')).to.equal(true);
    const never = promises.find(({ queued }) => queued === 2)!;
    expect(never).to.deep.include({ decider: maker });
    const answer = await read<KRefAnswer>(`/api/krefs/${never.kref}`);
    expect(answer.queue.map(({ method, target }) => [method, target])).to.deep.equal([
      ['first', never.kref],
      ['second', never.kref],
    ]);
    const rejected = await read<PromisesAnswer>('/api/promises?state=rejected&limit=500');
    const reasons = await Promise.all(
      rejected.promises.map(({ kref }) => read<KRefAnswer>(`/api/krefs/${kref}`)),
    );
    expect(reasons.some(({ data }) => data?.body.text.includes('<script>'))).to.equal(true);
  });

  it('shows the ledger, with the failures and turns of each restart', async () => {
    const { epochs, fromSlog, rolling } = await read<EpochsAnswer>('/api/epochs');
    expect([fromSlog, rolling]).to.deep.equal([true, null]);
    expect(epochs.map(({ epoch, status }) => [epoch, status])).to.deep.equal([
      ['spring', 'baseline'],
      ['summer', 'complete'],
    ]);
    const [spring, summer] = epochs;
    expect(spring).to.deep.include({ failures: [], turns: [] });
    expect(summer).to.deep.include({ restarted: 3, terminated: 0 });
    expect(summer?.failures.map(({ name, service }) => [name, service])).to.deep.equal([
      [HOSTILE, 'failed'],
    ]);
    expect(summer?.turns.map(({ name, result }) => [name, result])).to.have.deep.members([
      ['bootstrap', 'restarted'],
      ['maker', 'restarted'],
      ['vatAdmin', 'restarted'],
      [HOSTILE, 'suspended'],
    ]);
  });

  it('adds up the slog: deliveries and time of each vat, cranks over time', async () => {
    const { vats, slog } = await read<ActivityAnswer>('/api/activity');
    const maker = vats.find(({ name }) => name === 'maker')!;
    expect(maker.deliveries).to.be.greaterThan(OBJECTS);
    expect(maker.seconds).to.be.greaterThan(0);
    expect(slog).to.deep.include({ path: swingset.slog, badLines: 0, problem: null });
    expect(slog?.busiest).to.include(maker.vatID);
    const cranks = slog!.buckets.reduce((sum, bucket) => sum + bucket.cranks, 0);
    const { crankNumber } = await read<OverviewAnswer>('/api/overview');
    expect(cranks).to.be.within(OBJECTS, crankNumber);
  });

  it('tells deliveries from the store where there is no slog', async () => {
    const bare = makeAsk(await swingset.inspect());
    const { json } = await bare('/api/activity');
    const { vats, slog } = json as ActivityAnswer;
    expect(slog).to.equal(null);
    const maker = vats.find(({ name }) => name === 'maker')!;
    expect(maker).to.deep.include({ seconds: null, computrons: null });
    expect(maker.deliveries).to.be.greaterThan(OBJECTS);
  });

  it('follows the writer: a question about the clock is answered by its next commit', async () => {
    const before = await read<PulseAnswer>('/api/pulse');
    const { length } = await read<QueueAnswer>('/api/queues/acceptance');
    expect(length).to.be.greaterThan(0);
    const next = read<PulseAnswer>(`/api/pulse?after=${before.version}&wait=25`);
    swingset.send('maker', 'make', 'once more');
    // Not committed: nobody sees it.
    expect(await read<QueueAnswer>('/api/queues/acceptance')).to.have.property('length', length);
    await swingset.host.run();
    const after = await next;
    expect(after.version).to.be.greaterThan(before.version);
    let { crankNumber } = after;
    while (crankNumber === before.crankNumber) {
      ({ crankNumber } = await read<PulseAnswer>(`/api/pulse?after=${after.version}&wait=25`));
    }
    expect(await read<QueueAnswer>('/api/queues/acceptance')).to.have.property('length', 0);
    const { blocks } = await read<ActivityAnswer>('/api/activity');
    expect(blocks.at(-1)).to.deep.include({ crankNumber, height: null });
    expect(blocks.reduce((sum, { cranks }) => sum + cranks, 0)).to.equal(
      crankNumber - before.crankNumber,
    );
  });

  it('writes nothing: the bytes of the store stay as they are', async () => {
    const file = join(swingset.home, STORE_FILE);
    const look = () => ({
      hash: createHash('sha256').update(readFileSync(file)).digest('hex'),
      wal: createHash('sha256')
        .update(readFileSync(`${file}-wal`))
        .digest('hex'),
      changed: statSync(file).mtimeMs,
    });
    const before = look();
    for (const path of [
      'overview',
      'vats',
      'objects',
      'promises',
      'epochs',
      'activity',
      'devices',
    ]) {
      await read(`/api/${path}`);
    }
    expect(look()).to.deep.equal(before);
  });

  it('refuses options and stores that make no sense', async () => {
    const { home } = swingset;
    const codeOf = async (options: object): Promise<unknown> =>
      ((await failureOf(startInspector(options as never))) as { code?: string }).code;
    expect(await codeOf({ home: '' })).to.equal('BAD_OPTION');
    expect(await codeOf({ home, port: 65_536 })).to.equal('BAD_OPTION');
    expect(await codeOf({ home, slog: 3 })).to.equal('BAD_OPTION');
    expect(await codeOf({ home, host: '0.0.0.0' })).to.equal('BAD_OPTION');
    expect(await codeOf({ home: join(home, 'nothing') })).to.equal('NOT_A_SWINGSTORE');
    const empty = mkdtempSync(join(tmpdir(), 'swingset-kernel-empty-'));
    const store = initSwingStore(empty);
    await store.hostStorage.commit();
    await store.hostStorage.close();
    expect(await codeOf({ home: empty })).to.equal('NO_CONFIG');
    rmSync(empty, { recursive: true });
  });
});
