/** `vats` and `vat`, on a store that somebody else has open and writes to. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseCommandLine } from '../../lib/cli/args.js';
import type { ListedBundle } from '../../lib/host/bundle-list.js';
import { findVat, UnknownVatError } from '../../lib/host/find-vat.js';
import { lookAtStore } from '../../lib/host/look-at-store.js';
import type { SlogSummary } from '../../lib/host/slog/slog-summary.js';
import type { VatDetail } from '../../lib/host/vat-detail.js';
import type { ListedVat } from '../../lib/host/vat-list.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import { getStoreStats } from '../../lib/store/stats.js';
import { initSwingStore, openSwingStore, type SwingStore } from '../../lib/store/swing-store.js';
import { makeGuests, type Guests } from '../host/support/guests.js';
import { failureOf } from '../support/failure.js';
import { runCommand, runOnTerminal } from './support.js';

describe('looking at vats', () => {
  let guests: Guests;
  let writer: SwingStore;

  before(async () => {
    guests = await makeGuests();
    writer = openSwingStore(guests.home);
    // Nobody sees it: it is never committed.
    writer.kernelStorage.kvStore.set('v1.vs.more', 'x');
  });

  after(async () => {
    await writer.hostStorage.close();
    rmSync(guests.base, { recursive: true });
  });

  const command = async (...args: readonly string[]): Promise<string> => {
    const { code, text } = await runCommand(...args, '--home', guests.home);
    expect(code).to.equal(0);
    return text;
  };
  const list = async (...args: readonly string[]) =>
    JSON.parse(await command('vats', '--json', ...args)) as readonly ListedVat[];
  const detailOf = async (vat: string, ...args: readonly string[]) =>
    JSON.parse(await command('vat', vat, '--json', ...args)) as VatDetail;

  it('lists all live vats with their epoch, platform and state', async () => {
    const vats = await list();
    expect(
      vats.map(({ vatID, name, service, platformEpoch, waiting }) => [
        ...[vatID, name, service?.type ?? 'running', platformEpoch, waiting],
      ]),
    ).to.deep.equal([
      ['v1', 'keeper', 'running', 2, 0],
      ['v2', 'vatAdmin', 'running', 2, 0],
      ['v3', 'ann', 'failed', null, guests.waiting],
      ['v5', 'carl', 'paused', 1, 0],
    ]);
    expect(vats.map(({ platform }) => platform)).to.deep.equal(
      vats.map(() => ({ worker: 'local' })),
    );
    const text = await command('vats');
    expect(text).to.match(/^v1 +keeper +static +local +1 +2 +local +\d+ +no +running +- +0$/m);
    expect(text).to.match(/^v3 +ann .* could not start +crank \d+, epoch 2 +12$/m);
    expect(text).to.match(/^v5 +carl +dynamic +local +0 +1 .* paused by the host +crank \d+/m);
    expect(text).to.match(/^v3 ann: .*a guest starts only once$/m);
  });

  it('filters them', async () => {
    const filters: readonly (readonly [string, readonly string[]])[] = [
      ['--state running', ['v1', 'v2']],
      ['--state out-of-service', ['v3', 'v5']],
      ['--state suspended', ['v3']],
      ['--state failed', ['v3']],
      ['--state held', []],
      ['--state sleeping', []],
      ['--state paused', ['v3', 'v5']],
      ['--kind dynamic', ['v3', 'v5']],
      ['--kind static --name eep', ['v1']],
      ['--waiting', ['v3']],
      ['--worker xsnap', []],
      ['--behind', []],
    ];
    for (const [filter, vatIDs] of filters) {
      const found = await list(...filter.split(' '));
      expect(
        found.map(({ vatID }) => vatID),
        filter,
      ).to.deep.equal(vatIDs);
    }
    expect(await command('vats', '--name', 'nobody')).to.equal('0 of 4 vats');
    expect(await command('vats', '--state', 'failed')).to.match(/\n1 of 4 vats$/);
  });

  it('leaves out columns until the table fits the terminal', async () => {
    const { text } = await runOnTerminal(60, 'vats', '--home', guests.home);
    const [head = '', ...rows] = text.split('\n\n')[0]?.split('\n') ?? [];
    expect(head)
      .to.match(/^vat +name .* state +waiting$/)
      .and.not.to.contain('snapshot');
    for (const row of [head, ...rows]) expect(row.length).to.be.at.most(60);
  });

  it('lists the bundles with their sizes and users', async () => {
    const bundles = JSON.parse(await command('bundle', 'list', '--json')) as ListedBundle[];
    const { kernelStorage } = writer;
    expect(bundles.map(({ bundleID }) => bundleID)).to.deep.equal([
      ...kernelStorage.bundleStore.getBundleIDs(),
    ]);
    const bytes = bundles.reduce((sum, each) => sum + Number(each.bytes), 0);
    expect(bytes).to.equal(getStoreStats(guests.home).bundles.bytes);
    const codeOf = (name: string) =>
      bundles.find(({ vats }) => vats.some(vat => vat.name === name));
    const { bundleID: guestID, ...guest } = codeOf('ann')!;
    expect(guest).to.deep.include({
      vats: [
        { vatID: 'v3', name: 'ann' },
        { vatID: 'v5', name: 'carl' },
      ],
      ...{ names: ['guest'], devices: [], platformOf: 0 },
    });
    expect(codeOf('keeper')).to.deep.include({ vats: [{ vatID: 'v1', name: 'keeper' }] });
    const text = await command('bundle', 'list');
    expect(text).to.match(RegExp(`^${guestID} {2}[0-9.]+ KiB +v3 ann, v5 carl, named guest$`, 'm'));
    const narrow = await runOnTerminal(60, 'bundle', 'list', '--home', guests.home);
    const lines = narrow.text.split('\n');
    expect(lines.at(-1)).to.equal('whole IDs: --json');
    expect(narrow.text).to.match(RegExp(`^${guestID.slice(0, 16)}… .* v3 ann, v5 carl, n`, 'm'));
    for (const line of lines) expect(line.length).to.be.at.most(60);
  });

  it('shows one vat with what waits for it', async () => {
    const ann = await detailOf('ann');
    expect(ann).to.deep.include({
      vatID: 'v3',
      name: 'ann',
      dynamic: true,
      critical: false,
      isVatAdmin: false,
      incarnation: 1,
      platformEpoch: null,
      platform: { worker: 'local' },
      hasParameters: true,
      snapshot: null,
      snapshotFailedAt: null,
      state: 'suspended, paused',
      waiting: guests.waiting,
      queued: 0,
      meter: { meterID: 'm1', remaining: '1000000', threshold: '1000' },
    });
    expect(ann.error).to.contain('a guest starts only once');
    const [first] = ann.firstWaiting;
    const root = guests.dump.kernelTable.find(
      ([, owner, vref]) => owner === 'v3' && vref === 'o+0',
    );
    expect(first).to.deep.equal({
      type: 'send',
      target: root?.[0],
      method: 'answer',
      result: first?.result,
    });
    expect(first?.result).to.match(/^kp\d+$/);
    expect(ann.firstWaiting).to.have.length(10);
    expect((await detailOf('v3', '--events', '3')).firstWaiting).to.have.length(3);

    const text = await command('vat', 'ann');
    expect(text).to.match(/^v3 ann: dynamic, incarnation 1$/m);
    expect(text).to.match(/^state +could not start, since crank \d+, epoch 2$/m);
    expect(text).to.match(/^waiting +12 events, until it is back$/m);
    expect(text).to.match(/^meter +m1: 1000000 computrons left, its owner is told below 1000$/m);
    expect(text).to.match(new RegExp(`^message +${root?.[0]} +answer +kp\\d+$`, 'm'));
    expect(text).to.match(/^and 2 more: --events 12$/m);
  });

  it('counts what the store holds', async () => {
    const keeper = await detailOf('keeper');
    const rows = guests.dump.kernelTable.filter(([, owner]) => owner === 'v1');
    const { objects, promises, devices } = keeper.clist;
    const total = [objects.imports, objects.exports].reduce(
      (sum, { reachable, recognizable }) => sum + reachable + recognizable,
      promises.imports + promises.exports + devices.imports + devices.exports,
    );
    expect(total).to.equal(rows.length);
    expect(objects.exports.reachable).to.equal(
      rows.filter(([, , vref]) => vref.startsWith('o+')).length,
    );
    const vatstoreRows = await lookAtStore(guests.home, ({ kernelStorage }) => [
      ...new KernelState(kernelStorage).vatstore('v1' as VatDetail['vatID']).keys(),
    ]);
    expect(vatstoreRows).to.not.include('more');
    expect(keeper.vatstoreRows).to.equal(vatstoreRows.length).and.greaterThan(5);
    expect(keeper).to.deep.include({ queued: 1, waiting: 0, firstWaiting: [], meter: null });
    expect(keeper.options.critical).to.equal(false);
    const bounds = await lookAtStore(guests.home, ({ kernelStorage }) =>
      kernelStorage.transcriptStore.getCurrentSpanBounds('v1'),
    );
    expect(keeper.transcript).to.deep.equal({
      position: bounds.endPos,
      spanStart: bounds.startPos,
      spanHash: bounds.hash,
      spans: 2,
      spansOfIncarnation: 1,
    });
    const text = await command('vat', 'keeper');
    expect(text).to.match(/^v1 keeper: static, incarnation 1, epoch 2$/m);
    expect(text).to.match(/^queued +1 events in the run-queue$/m);
  });

  it('has a slog that can be summed up, and told as a story', async () => {
    const file = join(guests.base, 'slog.jsonl');
    writeFileSync(file, guests.slog.map(entry => `${JSON.stringify(entry)}\n`).join(''));
    const summary = JSON.parse(
      (await runCommand('slog', 'summary', file, '--json')).text,
    ) as SlogSummary;
    expect(summary.entries).to.equal(guests.slog.length);
    expect(summary.restarts).to.have.length(1);
    expect(summary.restarts[0]).to.deep.include({
      epoch: 2,
      results: { restarted: 2, suspended: 1, exempt: 1 },
      failed: 1,
      finished: true,
    });
    const keeper = summary.vats.find(({ vatID }) => vatID === 'v1');
    expect(keeper).to.include({ name: 'keeper', failed: 0 });
    expect(keeper?.byType.message).to.be.greaterThan(guests.waiting);
    const { text } = await runCommand('slog', 'timeline', file);
    expect(text).to.match(/ v3 +epoch-restart-vat +ann, suspended, .*a guest starts only once$/m);
    expect(text).to.match(/ v4 +terminate +enough$/m);
    expect((await runCommand('slog', 'diff', file, file)).code).to.equal(0);
  });

  it('explains why there is no such vat', async () => {
    const problems: readonly (readonly [string, string])[] = [
      ['v4', '"v4" is terminated, or has yet to be created'],
      ['v40', '"v40" was never the ID of a vat of this swingset'],
      ['keper', '"keper" is neither the vatID nor the name of a live vat; did you mean keeper?'],
      ['mallory', '; `swingset-kernel vats` lists them'],
    ];
    for (const [vat, message] of problems) {
      const error = await failureOf(runCommand('vat', vat, '--home', guests.home));
      expect(error).to.be.instanceOf(UnknownVatError);
      expect((error as UnknownVatError).message).to.contain(message);
    }
    const twins = {
      isLive: () => true,
      findByName: () => undefined,
      allIDs: () => ['v7', 'v8'],
      getOptions: () => ({ name: 'twin' }),
    };
    const tables = { vats: twins } as unknown as Pick<KernelState, 'vats'>;
    expect(() => findVat(tables, 'twin')).to.throw('"twin" is the name of v7, v8: give a vatID');
  });

  it('refuses a directory without a swingset', async () => {
    const missing = join(guests.base, 'missing');
    for (const line of [['vats'], ['vat', 'v1']]) {
      const error = await failureOf(runCommand(...line, '--home', missing));
      expect(String(error)).to.contain('is not a swingstore');
    }
    const empty = join(guests.base, 'empty');
    const { hostStorage } = initSwingStore(empty);
    await hostStorage.commit();
    await hostStorage.close();
    expect(await failureOf(runCommand('vats', '--home', empty))).to.include({
      code: 'NO_CONFIG',
    });
    expect(() => parseCommandLine(['vats', '--home', 'x', '--state', 'tired'])).to.throw('tired');
  });

  it('refuses a store of other software', async () => {
    const home = join(guests.base, 'older');
    cpSync(guests.home, home, { recursive: true });
    const { hostStorage, kernelStorage } = openSwingStore(home);
    kernelStorage.kvStore.set('version', '2');
    await hostStorage.commit();
    await hostStorage.close();
    const lines = [
      ...[['status'], ['epochs'], ['params', 'ann'], ['epoch', 'images'], ['vats'], ['vat', 'ann']],
      ...[['kernel-dump'], ['platform'], ['bundle', 'list'], ['inspect']],
    ];
    for (const line of lines) {
      const failure = await failureOf(runCommand(...line, '--home', home));
      expect(failure, line.join(' ')).to.include({ code: 'SCHEMA_VERSION', found: 2 });
    }
  });
});
