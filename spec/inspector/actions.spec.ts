/** What the inspector lets the page change, and whom it refuses. The page itself is in a browser's specs. */
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { identity } from '../../lib/host/block-host/tables/chain.js';
import type { VatAnswerInFull, VatsAnswer } from '../../lib/inspector/answers.js';
import { Rehearsals } from '../../lib/inspector/rehearsals.js';
import { startInspector, type Inspector } from '../../lib/inspector/start-inspector.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { errorOf } from '../controller/support.js';
import { frailConfig, start } from '../host/solo-server/support.js';
import { bundleOf } from '../support/shared-bundles.js';
import { makeTempDir } from '../support/swingset.js';
import { makeAsk } from './support/client.js';

const tally = fileURLToPath(new URL('../host/solo-server/vats/vat-tally.js', import.meta.url));

describe('actions of the inspector', () => {
  const inspectors: Inspector[] = [];

  afterEach(async () => {
    for (const inspector of inspectors.splice(0)) await inspector.close();
  });

  const inspect = async (home: string, allowActions = true) => {
    const inspector = await startInspector({ home, allowActions });
    inspectors.push(inspector);
    const ask = makeAsk(inspector);
    const post = (path: string, body: unknown, more = {}) =>
      ask(path, { method: 'POST', body, ...more });
    const { json } = await ask('/api/vats');
    const idOf = (name: string): string => {
      const found = (json as VatsAnswer).vats.find(
        vat => vat.state !== 'terminated' && vat.name === name,
      );
      return found?.vatID ?? expect.fail(name);
    };
    const stateOf = async (vatID: string): Promise<string> =>
      ((await ask(`/api/vats/${vatID}`)).json as VatAnswerInFull).vat.state;
    return { inspector, ask, post, idOf, stateOf };
  };

  it('suspends, resumes, restarts and ends a vat through the server', async () => {
    const { home, url, call, send, ask: askServer } = await start();
    const { ask, post, idOf, stateOf } = await inspect(home);
    expect((await ask('/api/pulse')).json).to.deep.include({ server: url, mayAct: true });
    const vat = idOf('tally');
    const act = async (action: string, body: object = {}) => {
      const { status, json } = await post(`/api/actions/${action}`, { vat, ...body });
      expect([action, status, json]).to.deep.equal([
        ...[action, 200],
        { status: 'done', kpid: null, value: null, problem: null },
      ]);
    };
    expect(await call('tally', 'add', 4)).to.equal(4);
    await act('suspend');
    expect(await stateOf(vat)).to.equal('suspended');
    const { kpid } = (await send('tally', 'add', 5)).json;
    expect((await ask(`/api/vats/${vat}/waiting`)).json).to.have.property('length', 1);
    await act('resume');
    expect((await askServer(`/v1/results/${kpid}?wait=60`)).json).to.have.property('value', 9);
    await act('restart');
    expect((await ask(`/api/vats/${vat}`)).json).to.nested.include({
      'vat.state': 'running',
      'vat.incarnation': 2,
    });
    await act('terminate', { confirm: 'tally' });
    expect(await stateOf(vat)).to.equal('terminated');
  });

  it('sends a message, and shows its result for as long as the server keeps it', async () => {
    const { home } = await start();
    const { ask, post, idOf } = await inspect(home);
    const vat = idOf('tally');
    const send = async (method: string, ...args: unknown[]) =>
      (await post('/api/actions/send', { vat, method, args })).json;
    const added = await send('add', 4);
    expect(added).to.deep.include({ status: 'done', value: '4', problem: null });
    expect((await ask(`/api/krefs/${added.kpid}`)).json).to.nested.include({
      'result.status': 'fulfilled',
      'result.value.text': '4',
    });
    const failed = await send('fail', 'no milk');
    expect(failed).to.deep.include({ status: 'rejected', value: null, problem: 'no milk' });
    const never = await send('never');
    expect(never).to.deep.include({ status: 'unresolved', value: null, problem: null });
    expect((await ask(`/api/krefs/${never.kpid}`)).json).to.nested.include({
      exists: true,
      'promise.state': 'unresolved',
      'result.status': 'unresolved',
      'result.value': null,
    });
    expect((await post('/api/actions/send', { vat })).status).to.equal(400);
  });

  it('does not call a message lost that the server has taken, if its result can not be asked for', async () => {
    const { home, send, ask: askServer } = await start({ limits: { maxWaiting: 1 } });
    const { ask, post, idOf } = await inspect(home);
    let never: Awaited<ReturnType<typeof send>>;
    // The bootstrap has its turn first.
    do never = await send('tally', 'never');
    while (never.status === 503);
    const waitPath = `/v1/results/${never.json.kpid}?wait=`;
    // From now on, nobody else may wait for a result.
    let probe: number;
    do {
      void askServer(`${waitPath}60`).catch(() => undefined);
      ({ status: probe } = await askServer(`${waitPath}1`));
    } while (probe === 200);
    expect(probe).to.equal(503);
    const sent = await post('/api/actions/send', { vat: idOf('tally'), method: 'never' });
    expect([sent.status, sent.json.status, sent.json.problem]).to.deep.equal([
      ...[200, 'unresolved', null],
    ]);
    expect((await ask(`/api/krefs/${sent.json.kpid}`)).json).to.nested.include({
      'result.status': 'unresolved',
    });
  });

  it('installs a bundle, which the server checks', async () => {
    const { home } = await start();
    const { post } = await inspect(home);
    const bundle = await bundleOf(tally);
    const installed = await post('/api/bundles', bundle);
    expect(installed.json).to.deep.equal({ bundleID: `b1-${String(bundle.endoZipBase64Sha512)}` });
    const broken = await post('/api/bundles', { ...bundle, endoZipBase64: 'AAAA' });
    expect([broken.status, broken.json.error.code]).to.deep.equal([400, 'BAD_BUNDLE']);
  });

  it('ends no vat whose name the request does not repeat, and none that is critical', async () => {
    const { home } = await start({ getConfig: async () => ({ ...frailConfig }) });
    const { post, idOf, stateOf } = await inspect(home);
    const vat = idOf('tally');
    for (const confirm of ['', 'Tally', vat]) {
      const { status, json } = await post('/api/actions/terminate', { vat, confirm });
      expect([status, json.error.code]).to.deep.equal([400, 'NOT_CONFIRMED']);
      expect(json.error.message).to.contain('type tally');
    }
    expect((await post('/api/actions/terminate', { vat })).status).to.equal(400);
    expect(await stateOf(vat)).to.equal('running');
    const frail = idOf('frail');
    const refused = await post('/api/actions/terminate', { vat: frail, confirm: 'frail' });
    expect([refused.status, refused.json.error.code]).to.deep.equal([409, 'VAT_STATE']);
    expect(refused.json.error.message).to.contain('is critical');
    expect(await stateOf(frail)).to.equal('running');
  });

  it('ends a vat by its vatID, if its name can not be typed as it is seen', async () => {
    const names = ['two  spaces', 'no\u200bwidth', ' edge', 'x'.repeat(101), 'Ω'];
    const { frail } = frailConfig.vats!;
    const vats = Object.fromEntries(names.map(name => [name, { ...frail!, creationOptions: {} }]));
    const { home } = await start({
      getConfig: async () => ({ ...frailConfig, vats: { ...frailConfig.vats, ...vats } }),
    });
    const { post, idOf, stateOf } = await inspect(home);
    for (const name of names) {
      const vat = idOf(name);
      const byName = await post('/api/actions/terminate', { vat, confirm: name });
      expect(byName.json.error, name).to.deep.include({ code: 'NOT_CONFIRMED' });
      expect(byName.json.error.message).to.contain(`type ${vat}`);
      expect((await post('/api/actions/terminate', { vat, confirm: vat })).status).to.equal(200);
      expect(await stateOf(vat)).to.equal('terminated');
    }
  });

  it('refuses who has no token, a foreign Host, and what makes no sense', async () => {
    const { home } = await start();
    const { inspector, ask, post, idOf, stateOf } = await inspect(home);
    const vat = idOf('tally');
    const path = '/api/actions/suspend';
    for (const token of [null, '', `${inspector.token}0`]) {
      expect((await post(path, { vat }, { token })).status).to.equal(401);
    }
    const foreign = await post(path, { vat }, { host: `evil.example:${inspector.port}` });
    expect([foreign.status, foreign.json.error.code]).to.deep.equal([421, 'WRONG_HOST']);
    expect((await ask(path)).status).to.equal(404);
    expect((await ask(path, { method: 'POST' })).status).to.equal(400);
    for (const body of [{}, { vat: 3 }, { vat, other: 1 }, [], 'suspend']) {
      expect((await post(path, body)).status, JSON.stringify(body)).to.equal(400);
    }
    expect((await post('/api/actions/upgrade', { vat, bundleID: 'b1-00' })).status).to.equal(400);
    expect((await post('/api/actions/suspend?x=1', { vat })).status).to.equal(400);
    expect((await post('/api/actions/forget', { vat })).status).to.equal(404);
    const unknown = await post(path, { vat: 'v99' });
    expect([unknown.status, unknown.json.error.code]).to.deep.equal([404, 'UNKNOWN_VAT']);
    expect(await stateOf(vat)).to.equal('running');
    const resumed = await post('/api/actions/resume', { vat });
    expect([resumed.status, resumed.json.error.code]).to.deep.equal([409, 'VAT_STATE']);
    expect(resumed.json.error.message).to.contain('nothing to resume');
  });

  it('rehearses one epoch at a time, and stops it', async () => {
    const { home } = await start({ runtimeOptions: { platformEpoch: 'spring' } });
    const { ask, post } = await inspect(home);
    const rehearse = (epoch: unknown) => post('/api/rehearsal', { epoch });
    for (const epoch of ['', 7, 'a\nb', 'x'.repeat(201)]) {
      expect((await rehearse(epoch)).status, String(epoch)).to.equal(400);
    }
    expect((await rehearse('summer')).json).to.deep.equal({ state: 'running', epoch: 'summer' });
    const second = await rehearse('autumn');
    expect([second.status, second.json.error.code]).to.deep.equal([409, 'REHEARSAL_RUNS']);
    expect((await post('/api/rehearsal/stop', {})).json).to.deep.equal({ state: 'none' });

    // Names don't become numbers. The command says why.
    let { version } = (await ask('/api/pulse')).json;
    expect((await rehearse('7')).status).to.equal(200);
    let answer = (await ask('/api/rehearsal')).json;
    while (answer.state === 'running') {
      ({ version } = (await ask(`/api/pulse?after=${version}&wait=25`)).json);
      answer = (await ask('/api/rehearsal')).json;
    }
    expect(answer).to.deep.include({ state: 'failed', epoch: '7' });
    expect(answer.problem).to.contain('--kind-change');
  });

  it('ends a rehearsal that hears no signal, deletes its copy, and starts none at its end', async () => {
    const { home } = await start({ runtimeOptions: { platformEpoch: 'spring' } });
    const childrenOf = (): readonly string[] =>
      readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
    const copies = (): readonly string[] =>
      readdirSync(tmpdir()).filter(name => name.startsWith('swingset-inspect-'));
    const [children, before] = [childrenOf(), copies()];
    const rehearsals = new Rehearsals(home, () => undefined, 100);
    expect(rehearsals.start('summer')).to.equal(true);
    const [child] = childrenOf().filter(pid => !children.includes(pid));
    // As deaf as one whose vat loops.
    process.kill(Number(child), 'SIGSTOP');
    await rehearsals.close();
    expect(rehearsals.answer).to.deep.equal({ state: 'none' });
    expect(copies()).to.deep.equal(before);
    expect(rehearsals.start('autumn')).to.equal(false);
  });

  it('changes nothing without `allowActions`, and none without a server', async () => {
    const server = await start();
    const reads = await inspect(server.home, false);
    const vat = reads.idOf('tally');
    for (const path of ['/api/actions/suspend', '/api/bundles', '/api/rehearsal']) {
      expect((await reads.post(path, { vat })).status, path).to.equal(404);
    }
    expect((await reads.ask('/api/pulse')).json).to.deep.include({ mayAct: false });
    const acts = await inspect(server.home);
    await server.stop();
    const { status, json } = await acts.post('/api/actions/suspend', { vat });
    expect([status, json.error.code]).to.deep.equal([409, 'SOLO_SERVER_NOT_FOUND']);
    expect(json.error.message).to.contain('Start one with `swingset-kernel start`');
    let pulse = (await acts.ask('/api/pulse')).json;
    while (pulse.server !== null) {
      pulse = (await acts.ask(`/api/pulse?after=${pulse.version}&wait=25`)).json;
    }
    expect(await acts.stateOf(vat)).to.equal('running');
  });

  it("refuses a chain's home", async () => {
    const home = makeTempDir();
    const store = join(home, 'data', 'swingset');
    const { hostStorage } = initSwingStore(store);
    identity.write(hostStorage.kvStore, { chainID: 'spec-chain', initialHeight: 1 });
    await hostStorage.commit();
    await hostStorage.close();
    for (const each of [home, store]) {
      const error = await errorOf(() => startInspector({ home: each, allowActions: true }));
      expect(error.code).to.equal('CHAIN_STORE');
      expect(error.message).to.contain('chain tx propose');
    }
  });
});
