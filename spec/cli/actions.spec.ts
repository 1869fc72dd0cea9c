/** The commands that change a swingset, with and without a server. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSoloHost } from '../../lib/host/solo-host.js';
import { errorOf, silent } from '../controller/support.js';
import {
  copyNotes,
  POISON_POSITION,
  runAndAsk,
  sourceOf,
  vatOf,
} from '../host/operator-actions/support.js';
import { start } from '../host/solo-server/support.js';
import { bundleOf } from '../support/shared-bundles.js';
import { makeTempDir } from '../support/swingset.js';
import { runCommand } from './support.js';

const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

const writeBundle = async (name: string): Promise<string> => {
  const bundle = await bundleOf(sourceOf(name));
  const path = join(makeTempDir(), `${name}.json`);
  writeFileSync(path, JSON.stringify(bundle));
  return path;
};

describe('without a server, swingset-kernel', () => {
  it('suspend and resume take a vat out of service and bring it back', async () => {
    const { home, idOf } = await copyNotes();
    const held = await runCommand('suspend', 'open', '--home', home);
    expect(held.code).to.equal(0);
    expect(held.text).to.equal(
      `${idOf('open')} open: suspended, paused, incarnation 1, 0 events waiting\n` +
        'no server runs: the next `start`, `run` or `drain` delivers what is left',
    );
    const again = await errorOf(() => runCommand('suspend', idOf('open'), '--home', home));
    expect(again.message).to.match(/^v\d+ is suspended already, since crank \d+$/);
    const resumed = await runCommand('resume', 'held', '--home', home, '--json');
    expect(resumed.code).to.equal(0);
    const outcome = json(resumed.text);
    expect(outcome).to.deep.include({ command: 'resume', by: 'store', vatID: idOf('held') });
    expect(outcome.vat).to.deep.include({ state: 'running', service: null, waiting: 3 });
  });

  it('commands refuse a vat that does not exist, and tell what was meant', async () => {
    const { home } = await copyNotes();
    for (const command of ['suspend', 'resume', 'restart']) {
      const error = await errorOf(() => runCommand(command, 'opne', '--home', home));
      expect(error.code).to.equal('UNKNOWN_VAT');
      expect(error.message).to.contain('did you mean open?');
    }
  });

  it('commands refuse a store that is in use', async () => {
    const { home } = await copyNotes();
    const host = await openSoloHost({ home, runtimeOptions: { console: silent } });
    const error = await errorOf(() => runCommand('suspend', 'open', '--home', home));
    expect(error.code).to.equal('STORE_LOCKED');
    await host.close();
  });

  it('drop shows an event, and with --yes saves it and drops it', async () => {
    const { home, idOf } = await copyNotes();
    const which = ['held', '--position', String(POISON_POSITION), '--home', home];
    const shown = await runCommand('drop', ...which);
    expect(shown.code).to.equal(1);
    expect(shown.text)
      .to.contain(`event 2 of 3 in what waits for ${idOf('held')}\n`)
      .and.to.match(/^method +poison$/m)
      .and.to.match(/not dropped: add --yes to drop it$/);
    expect((await vatOf(home, 'held'))?.waiting).to.equal(3);

    const dropped = await runCommand('drop', ...which, '--yes', '--json');
    expect(dropped.code).to.equal(0);
    const { savedTo, event, ...rest } = json(dropped.text);
    expect(rest).to.deep.include({ dropped: true, vatID: idOf('held'), position: 2, of: 3 });
    expect(event).to.deep.include({ type: 'send' });
    const saved = json(readFileSync(String(savedTo), 'utf8'));
    expect(saved).to.deep.include({ event, vatID: idOf('held'), position: 2 });
    expect((saved.readable as { methargs: unknown }).methargs).to.deep.equal(['poison', []]);
    expect(statSync(String(savedTo)).mode & 0o777).to.equal(0o600);

    // The next one now stands there, and an existing file is never replaced.
    const taken = await errorOf(() =>
      runCommand('drop', ...which, '--yes', '--save', String(savedTo)),
    );
    expect((taken as NodeJS.ErrnoException).code).to.equal('EEXIST');
    const none = await errorOf(() =>
      runCommand('drop', 'held', '--position', '3', '--yes', '--home', home),
    );
    expect(none.message).to.match(/^there is no event 3 in what waits for v\d+: it has 2$/);

    await runCommand('resume', 'held', '--home', home);
    const drained = await runCommand('drain', '--home', home);
    expect([drained.code, drained.text]).to.deep.equal([
      0,
      'nothing is queued after 1 block; 0 events waiting for vats out of service',
    ]);
    const { answers } = await runAndAsk(home, [
      ['held', 'read'],
      ['open', 'read'],
    ]);
    expect(answers).to.deep.equal([
      ['one', 'three'],
      ['a', 'b'],
    ]);
  });

  it('drain with a commit after each crank ends with what stops the kernel in front, for drop', async () => {
    const { home } = await copyNotes();
    const host = await openSoloHost({ home, runtimeOptions: { console: silent } });
    host.controller.queueToVatRoot('vital', 'poison', [], 'ignore');
    host.controller.queueToVatRoot('open', 'write', ['c'], 'ignore');
    await host.commit();
    await host.close();
    const methodInFront = async (): Promise<string | undefined> => {
      const { text } = await runCommand('drop', '--home', home);
      return /^method +(.*)$/m.exec(text)?.[1];
    };

    // A run commits at its end only, and so shows what came first.
    expect((await errorOf(() => runCommand('run', '--home', home))).code).to.equal('KERNEL_PANIC');
    expect(await methodInFront()).to.equal('write');
    const drain = ['drain', '--block-computrons', '1', '--home', home];
    expect((await errorOf(() => runCommand(...drain))).code).to.equal('KERNEL_PANIC');
    expect(await methodInFront()).to.equal('poison');

    const save = join(makeTempDir(), 'poison.json');
    await runCommand('drop', '--yes', '--save', save, '--home', home);
    expect((await runCommand(...drain)).text).to.match(/^nothing is queued after/);
    const { answers } = await runAndAsk(home, [['open', 'read']]);
    expect(answers).to.deep.equal([['a', 'b', 'c']]);
  });

  it('drop takes the first event of the run-queue; drop leaves no file of what it did not drop', async () => {
    const { home } = await copyNotes();
    const file = join(makeTempDir(), 'a.json');
    const dropped = await runCommand('drop', '--yes', '--save', file, '--home', home);
    expect(dropped.text).to.contain(`dropped; saved to ${file}`);
    expect(json(readFileSync(file, 'utf8')).readable).to.deep.include({
      method: 'write',
      methargs: ['write', ['a']],
    });
    const { answers } = await runAndAsk(home, [['open', 'read']]);
    expect(answers).to.deep.equal([['b']]);
    const empty = await errorOf(() => runCommand('drop', '--yes', '--home', home));
    expect(empty.message).to.equal('there is no event 1 in the run-queue: it has 0');
    expect(existsSync(join(home, 'dropped'))).to.equal(false);
  });

  it('drain exits with 1 when something is left', async () => {
    const { home, idOf } = await copyNotes();
    const host = await openSoloHost({ home, runtimeOptions: { console: silent } });
    for (const text of ['c', 'd', 'e']) host.controller.queueToVatRoot('open', 'write', [text]);
    await host.commit();
    await host.close();
    const { code, text } = await runCommand(
      ...['drain', '--blocks', '1', '--block-computrons', '300000', '--home', home, '--json'],
    );
    expect(code).to.equal(1);
    expect(json(text)).to.deep.equal({
      by: 'store',
      blocks: 1,
      queued: 2,
      queuedByVat: { [idOf('open')]: 2 },
      waiting: 3,
      waitingByVat: { [idOf('held')]: 3 },
    });
  });

  it('restart, upgrade and terminate say what became of the vat', async () => {
    const { home, idOf } = await copyNotes();
    const restarted = await runCommand(
      ...['restart', 'open', '--parameters', '{"limit":10}', '--home', home],
    );
    expect(restarted.text).to.match(/^v\d+ open: running, incarnation 1, 0 events waiting$/m);
    const file = await writeBundle('vat-notes-v2');
    const failed = await runCommand(
      ...['upgrade', 'open', '--bundle', file, '--parameters', '{"broken":true}', '--home', home],
    );
    expect(failed.code).to.equal(1);
    expect(failed.text).to.match(/^v\d+ was not upgraded: /);
    const { text, code } = await runCommand(
      ...['upgrade', 'open', '--bundle', file, '--home', home, '--json'],
    );
    expect(code).to.equal(0);
    const { upgrade, vat } = json(text) as {
      upgrade: { bundleID: string; status: string };
      vat: object;
    };
    expect(upgrade.status).to.equal('fulfilled');
    expect(vat).to.deep.include({ state: 'running', incarnation: 2 });
    const dynamic = await errorOf(() =>
      runCommand('upgrade', 'helper', '--bundle-id', upgrade.bundleID, '--home', home),
    );
    expect(dynamic.message).to.match(/^v\d+ is a dynamic vat/);
    const ended = await runCommand('terminate', 'helper', '--yes', '--home', home);
    expect(ended.text).to.match(/^v\d+ helper has ended$/m);
    const gone = await errorOf(() =>
      runCommand('terminate', idOf('helper'), '--yes', '--home', home),
    );
    expect(gone.message).to.match(/is terminated/);
    const { answers } = await runAndAsk(home, [
      ['open', 'read'],
      ['open', 'getParameters'],
    ]);
    expect(answers).to.deep.equal([['v2', 'a', 'b'], { limit: 10 }]);
  });
});

describe('with a server, swingset-kernel', () => {
  it('suspend, send, drop, resume, restart and drain act in its blocks', async () => {
    const { home, idOf } = await copyNotes();
    const server = await start({ home });
    const run = async (...args: string[]) => {
      const { code, text } = await runCommand(...args, '--home', home, '--json');
      return { code, ...json(text) } as Record<string, unknown>;
    };
    const held = await run('suspend', 'open');
    expect(held).to.deep.include({ code: 0, by: 'server', vatID: idOf('open') });
    expect(held.vat).to.deep.include({ state: 'suspended, paused', incarnation: 1 });
    const refused = await errorOf(() => run('suspend', 'open'));
    expect(refused.message).to.match(/^v\d+ is suspended already/);
    const sent = [
      await run('send', 'open', 'write', 'c'),
      await run('send', 'open', 'poison'),
      await run('send', 'open', 'write', 'd'),
    ];
    expect((await vatOf(home, 'open'))?.waiting).to.equal(3);
    const drained = await run('drain');
    expect(drained).to.deep.include({ code: 0, by: 'server', queued: 0, waiting: 6 });
    const dropped = await run('drop', 'open', '--position', '2', '--yes');
    expect(dropped).to.deep.include({ code: 0, dropped: true, of: 3 });
    expect(readdirSync(join(home, 'dropped'))).to.have.length(1);
    expect(await run('result', String(sent[1]?.kpid))).to.deep.include({
      code: 1,
      status: 'rejected',
    });
    const resumed = await run('resume', 'open');
    expect(resumed.vat).to.deep.include({ state: 'running' });
    expect(await server.call('open', 'read')).to.deep.equal(['a', 'b', 'c', 'd']);
    const restarted = await run('restart', 'open', '--message', 'a smaller heap');
    const { incarnation } = resumed.vat as { readonly incarnation: number };
    expect(restarted.vat).to.deep.include({ state: 'running', incarnation: incarnation + 1 });
    expect(await server.call('open', 'read')).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('bundle install, upgrade and terminate act in its blocks', async () => {
    const { home, idOf } = await copyNotes();
    const server = await start({ home });
    const run = async (...args: string[]) => {
      const { code, text } = await runCommand(...args, '--home', home, '--json');
      return { code, ...json(text) } as Record<string, unknown>;
    };
    const file = await writeBundle('vat-notes-v2');
    const { bundleID } = await run('bundle', 'install', file);
    expect(bundleID).to.match(/^b1-[0-9a-f]{128}$/);
    const other = await errorOf(() => run('bundle', 'install', file, '--bundle-id', 'b1-00'));
    expect(other.message).to.contain('b1-00');
    const failed = await run(
      ...['upgrade', 'held', '--bundle-id', String(bundleID), '--parameters', '{"broken":true}'],
    );
    expect(failed).to.deep.include({ code: 1 });
    const upgraded = await run('upgrade', 'held', '--source', sourceOf('vat-notes-v2'));
    expect(upgraded).to.deep.include({ code: 0, by: 'server' });
    expect(upgraded.upgrade).to.deep.include({ status: 'fulfilled', bundleID });
    expect(await server.call('held', 'read')).to.deep.equal(['v2', 'one', 'cured', 'three']);
    const ended = await run('terminate', 'held', '--yes', '--reason', 'done');
    expect(ended).to.deep.include({ code: 0, vat: null, vatID: idOf('held') });
    const vital = await errorOf(() => run('terminate', 'vital', '--yes'));
    expect(vital.message).to.match(/is critical/);
    expect(await server.call('vital', 'read')).to.deep.equal([]);
  });

  it('actions are checked as all requests are', async () => {
    const { home } = await copyNotes();
    const server = await start({ home });
    const codeOf = async (path: string, body: unknown, token?: string) => {
      const { status, json: answer } = await server.post(path, body, token);
      return [status, (answer as { error: { code: string } }).error.code];
    };
    expect(await codeOf('/v1/actions/suspend', { vat: 'open' }, 'f'.repeat(64))).to.deep.equal([
      401,
      'UNAUTHORIZED',
    ]);
    expect(await codeOf('/v1/actions/suspend', {})).to.deep.equal([400, 'BAD_REQUEST']);
    expect(await codeOf('/v1/actions/suspend', { vat: 'open', x: 1 })).to.deep.equal([
      400,
      'BAD_REQUEST',
    ]);
    expect(await codeOf('/v1/actions/drain', { x: 1 })).to.deep.equal([400, 'BAD_REQUEST']);
    expect(await codeOf('/v1/actions/resume', { vat: 'nobody' })).to.deep.equal([
      400,
      'BAD_OPTION',
    ]);
    expect(await codeOf('/v1/actions/resume', { vat: 'open' })).to.deep.equal([409, 'VAT_STATE']);
    const drop = { index: 0, event: { type: 'send' } };
    expect(await codeOf('/v1/actions/drop', drop)).to.deep.equal([400, 'BAD_OPTION']);
    expect(await codeOf('/v1/actions/drop', { ...drop, index: -1 })).to.deep.equal([
      400,
      'BAD_REQUEST',
    ]);
    expect(await codeOf('/v1/actions/upgrade', { vat: 'open', bundleID: 'x' })).to.deep.equal([
      400,
      'BAD_IDENTIFIER',
    ]);
    const odd = { vat: 'open', parameters: { limit: { '@bigint': 'many' } } };
    expect(await codeOf('/v1/actions/restart', odd)).to.deep.equal([400, 'BAD_OPTION']);
    expect(await codeOf('/v1/actions/fly', {})).to.deep.equal([404, 'NO_ROUTE']);
  });
});
