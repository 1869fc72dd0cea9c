import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { rehearsePlatformEpoch } from '../../lib/host/rehearse-platform-epoch.js';
import { crankCounter } from '../../lib/controller/run-policies.js';
import type { RehearsalOptions } from '../../lib/host/rehearse-platform-epoch.js';
import { renderRehearsalHtml } from '../../lib/platform-epoch/report-html.js';
import { parseCommandLine } from '../../lib/cli/args.js';
import type { RehearseArgs } from '../../lib/cli/args.js';
import { rehearsalText, rehearseCommand } from '../../lib/cli/rehearse.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import type { VatOptions } from '../../lib/types/vat-options.js';
import { withBundles } from '../support/shared-bundles.js';
import { makeTempDir, startLife } from '../support/swingset.js';
import { makeConfig, vatIDs, type ConfigOptions } from './support/fixture.js';
import { failureOf } from '../support/failure.js';

const hashFiles = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir).map(name => [
      name,
      createHash('sha256')
        .update(readFileSync(join(dir, name)))
        .digest('hex'),
    ]),
  );

/** A swingset with a dynamic vat and messages that were never delivered, closed. */
const makeStore = async (options: ConfigOptions = {}, worker: 'local' | 'xsnap' = 'local') => {
  const path = join(makeTempDir(), 'store');
  const life = await startLife({
    config: await withBundles(makeConfig(options)),
    worker,
    store: { path },
    platformEpoch: 1,
    ...(options.withSwitch && { deviceEndowments: { switch: { isOff: () => false } } }),
  });
  await life.run();
  await life.call('boot', 'create', 'carol', {});
  await life.call('boot', 'send', 'alice', 'bump');
  await life.call('boot', 'introduce', 'carol', 'getThing', 'alice', 'thing');
  for (const _ of [1, 2, 3]) life.controller.queueToVatRoot('alice', 'bump', []);
  await life.hostStorage.commit();
  await life.close();
  return path;
};

const OLDER = 'xsnap 0.14.2 (moddable 11111111, xsnap-native 22222222, xs-meter-1)';

/** As if the vat had started on another engine. */
const recordOlderPlatform = async (path: string, vatID: string) => {
  const { kernelStorage, hostStorage } = openSwingStore(path);
  const key = `${vatID}.options`;
  const { workerOptions, ...options } = JSON.parse(
    kernelStorage.kvStore.get(key) ?? '',
  ) as VatOptions;
  const older = { ...options, workerOptions: { ...workerOptions, engine: OLDER } };
  kernelStorage.kvStore.set(key, JSON.stringify(older));
  await hostStorage.commit();
  await hostStorage.close();
};

const rehearse = (path: string, options: Partial<RehearsalOptions> = {}) =>
  rehearsePlatformEpoch(path, { platformEpoch: 2, ...options });

describe('a rehearsal', () => {
  it('restarts every vat of a copy on xsnap, and changes no byte of the original', async () => {
    const path = await makeStore({}, 'xsnap');
    const { engine: running } = (await loadPlatform()).fingerprint;
    await recordOlderPlatform(path, vatIDs.alice);
    const before = hashFiles(path);
    const report = await rehearse(path);
    expect(hashFiles(path)).to.deep.equal(before);
    expect(report).to.include({ storePath: path, from: 1, to: 2, decision: 'advance', ok: true });
    expect(report.problem).to.equal(undefined);
    expect(report.vats.map(({ vatID, name, result }) => [vatID, name, result])).to.deep.equal([
      ['v1', 'boot', 'restarted'],
      ['v2', 'vatAdmin', 'restarted'],
      ['v3', 'alice', 'restarted'],
      ['v4', 'bob', 'restarted'],
      ['v5', 'carol', 'restarted'],
    ]);
    const alice = report.vats.find(({ vatID }) => vatID === vatIDs.alice)!;
    expect(alice).to.include({ incarnation: 1, waiting: 3, importsReclaimed: 1, critical: false });
    expect(alice.computrons).to.be.greaterThan(1_000_000);
    expect(alice.oldPlatform).to.include({ worker: 'xsnap', engine: OLDER });
    expect(alice.newPlatform).to.include({ worker: 'xsnap', engine: running });
    const bob = report.vats.find(({ vatID }) => vatID === vatIDs.bob)!;
    expect(bob.oldPlatform).to.include({ engine: running });
    expect(bob.newPlatform).to.deep.equal(alice.newPlatform);
    for (const [index, { startedAt, ms }] of report.vats.entries()) {
      const next = report.vats[index + 1]?.startedAt ?? report.ms;
      expect(startedAt + ms).to.be.at.most(next + 1);
    }
    // And again: the first rehearsal left nothing behind.
    expect((await rehearse(path)).ok).to.equal(true);
  });

  it('reports a vat that can not start, with its error and with what would wait for it', async () => {
    const path = await makeStore({ alice: { failInLife: 1 } });
    const before = hashFiles(path);
    const report = await rehearse(path);
    expect(hashFiles(path)).to.deep.equal(before);
    expect(report.ok).to.equal(false);
    expect(report.problem).to.equal(undefined);
    expect(report.vats.map(({ result }) => result)).to.deep.equal([
      ...['restarted', 'restarted', 'suspended', 'restarted', 'restarted'],
    ]);
    expect(report.vats[2]).to.include({ error: 'Error: life 1 is one too many', waiting: 3 });
  });

  it('reports what would keep the kernel from going on', async () => {
    const path = await makeStore({ alice: { failInLife: 1 }, critical: ['alice'] });
    const report = await rehearse(path);
    expect(report.ok).to.equal(false);
    expect(report.problem).to.match(/critical vats could not be restarted: v3/);
    expect(report.vats.map(({ vatID, error }) => [vatID, error !== undefined])).to.deep.equal([
      ...[1, 2].map(id => [`v${id}`, false]),
      ['v3', true],
      ...[4, 5].map(id => [`v${id}`, false]),
    ]);
    expect(report.vats[2]).to.include({ critical: true });
    const panic = await rehearse(await makeStore({ bob: { failInLife: 1 } }), {
      platformRestart: { onVatFailure: 'panic' },
    });
    expect(panic.problem).to.match(/v4/);
  });

  it('says what is queued, and that a boot which requires an empty queue is refused', async () => {
    const path = await makeStore();
    const expected = { queuedEvents: 3, queuedByVat: { v3: 3 } };
    const report = await rehearse(path);
    expect(report).to.deep.include({ ...expected, ok: true, problem: undefined });
    expect(rehearsalText(report)).to.include('The restart begins with 3 queued events (v3: 3)');

    const refused = await rehearse(path, { platformRestart: { requireEmptyQueue: true } });
    expect(refused).to.deep.include({ ...expected, ok: false, left: 0 });
    expect(refused.problem).to.include('requireEmptyQueue').and.to.include('3 queued events');
    expect(refused.vats, 'and the rest is there').to.have.length(report.vats.length);
  });

  it('takes exempt vats and devices without endowments as they come', async () => {
    const path = await makeStore({ alice: { failInLife: 1 }, withSwitch: true });
    const report = await rehearse(path, { platformRestart: { exempt: ['alice'] } });
    expect(report.ok).to.equal(true);
    expect(report.silentDevices).to.deep.equal(['switch']);
    expect(report.vats[2]).to.include({ result: 'exempt', incarnation: 0 });
    const given = await rehearse(path, {
      deviceEndowments: { switch: { isOff: () => true } },
      platformRestart: { exempt: ['alice'] },
    });
    expect(given.vats[3]).to.include({ error: 'Error: the switch is off' });
    expect(given.silentDevices).to.deep.equal([]);
  });

  it('copies a store that is in use as of its last commit', async () => {
    const path = join(makeTempDir(), 'store');
    const life = await startLife({
      config: await withBundles(makeConfig()),
      worker: 'local',
      store: { path },
      platformEpoch: 1,
    });
    await life.run();
    const lasting = (files: Record<string, string>) =>
      Object.entries(files).filter(([name]) => !name.endsWith('-shm'));
    const before = lasting(hashFiles(path));
    expect((await rehearse(path)).ok).to.equal(true);
    expect(lasting(hashFiles(path))).to.deep.equal(before);
    expect(await life.call('boot', 'send', 'alice', 'lives')).to.equal(1);
  });

  it('fails as a boot would for an epoch that can not be, and leaves the original alone', async () => {
    const path = await makeStore();
    const before = hashFiles(path);
    for (const [platformEpoch, code] of [
      [0, 'PLATFORM_EPOCH_REGRESSION'],
      ['two', 'PLATFORM_EPOCH_KIND'],
      [-1, 'BAD_PLATFORM_EPOCH'],
    ] as const) {
      const error = await failureOf(rehearse(path, { platformEpoch }));
      expect(error).to.include({ code });
    }
    expect(await rehearse(path, { platformEpoch: 1 })).to.include({
      decision: 'current',
      ok: false,
    });
    expect(hashFiles(path)).to.deep.equal(before);
  });

  it('ends a vat that loops for ever at a limit, and says whose turn it is', async () => {
    const path = await makeStore({ alice: { spinInLife: 1 } }, 'xsnap');
    const turns: unknown[] = [];
    const report = await rehearse(path, {
      crankLimit: 50_000_000,
      platformRestart: {
        onRestartProgress: ({ phase, index, vatID, result }) =>
          void turns.push([phase, index, vatID, result].filter(each => each !== undefined)),
      },
    });
    expect(report.vats[2]).to.include({ result: 'suspended' });
    expect(report.vats[2]?.error).to.match(/meter exceeded|too much computation/i);
    expect(report.vats.filter(({ result }) => result === 'restarted')).to.have.length(4);
    expect(turns.slice(0, 4)).to.deep.equal([
      ['start', 0],
      ['turn', 0, 'v1'],
      ['vat', 1, 'v1', 'restarted'],
      ['turn', 1, 'v2'],
    ]);
    const refusal = await failureOf(rehearse(path, { crankLimit: 0 }));
    expect(refusal).to.include({ code: 'BAD_OPTION', field: 'crankLimit' });

    // Whoever does not want to wait for it, stops.
    const [tempDir, stop] = [makeTempDir(), new AbortController()];
    const reason = Error('enough');
    const stopped = await failureOf(
      rehearse(path, {
        tempDir,
        signal: stop.signal,
        platformRestart: {
          onRestartProgress: ({ phase, vatID }) => {
            if (phase === 'turn' && vatID === 'v3') setImmediate(() => stop.abort(reason));
          },
        },
      }),
    );
    expect(stopped).to.equal(reason);
    expect(readdirSync(tempDir)).to.deep.equal([]);
  });

  it('reports what a restart broke off for, with the vats so far', async () => {
    const path = await makeStore();
    const { hostStorage, kernelStorage } = openSwingStore(path);
    kernelStorage.kvStore.set('v3.c.o+0', 'damaged');
    await hostStorage.commit();
    await hostStorage.close();
    const report = await rehearse(path);
    expect(report).to.include({ ok: false, left: 3 });
    expect(report.vats.map(({ vatID }) => vatID)).to.deep.equal(['v1', 'v2']);
    expect(report.problem).to.match(/^v3 alice: .*v3\.c\.o\+0/);
    expect(rehearsalText(report)).to.include('The restart broke off after 2 of 5 vats');
    expect(renderRehearsalHtml(report)).to.include('v3.c.o+0');
  });

  it('runs blocks of what is queued, with a policy of the host or its own', async () => {
    const path = await makeStore();
    const before = hashFiles(path);
    const report = await rehearse(path, { blocks: 2 });
    expect(report).to.include({ ok: true, mode: 'eager' });
    expect(report.canary).to.include({ blocks: 2, blocksRun: 2, queuedAfter: 0 });
    expect(report.canary?.cranks).to.be.greaterThan(2);
    expect(rehearsalText(report))
      .to.include('2 of 2 blocks ran')
      .and.to.include('5 of 5 vats restart, none fails in 2 blocks');
    const none = await rehearse(path, { blocks: 3, runPolicy: () => crankCounter(1, 1, true) });
    expect(none.canary).to.include({ cranks: 3, blocksRun: 3 });
    expect(none.canary?.queuedAfter).to.be.greaterThan(0);
    expect(hashFiles(path)).to.deep.equal(before);

    for (const [field, value] of [
      ['blocks', -1],
      ['blocks', 1.5],
      ['runPolicy', {}],
      ['onCanaryProgress', 7],
    ] as const) {
      const error = await failureOf(rehearse(path, { [field]: value }));
      expect(error).to.include({ code: 'BAD_OPTION', field });
    }
  });

  it('leaves no copy behind', async () => {
    const path = await makeStore();
    const tempDir = makeTempDir();
    await rehearse(path, { tempDir });
    await rehearse(path, { tempDir, platformEpoch: 0 }).catch(() => undefined);
    expect(readdirSync(tempDir)).to.deep.equal([]);
  });
});

describe('reports of a rehearsal', () => {
  it('are a table, JSON, and a page that needs nothing else', async () => {
    const path = await makeStore({ alice: { failInLife: 1 } });
    const report = await rehearse(path);
    const odd = {
      ...report.vats[2]!,
      name: '<script>"bob\'s"</script>',
      error: 'a < b && c\u001b[31m\nd',
    };
    const page = renderRehearsalHtml({ ...report, vats: [...report.vats.slice(0, 2), odd] });
    expect(page).to.match(/^<!doctype html>/);
    expect(page).to.include('1 of 3 vats can&#39;t start');
    expect(page).to.include('<pre>a &lt; b &amp;&amp; c\\u001b[31m\nd</pre>');
    expect(page).to.include('3 queued events would wait for it');
    expect(page).not.to.match(/<script|<link|<img|@import|url\(|https?:/);
    expect(page.match(/class="bar /g)).to.have.length(3);
    expect(page).to.match(/class="bar failed" style="left:[0-9.]+%;width:[0-9.]+%"/);

    const text = rehearsalText(report);
    expect(text).to.match(/^platform epoch 1 -> 2, on a copy of [0-9]+ bytes/);
    expect(text)
      .to.match(/^v3 +alice +suspended +[0-9]+ /m)
      .and.match(/^v3 alice: Error: life 1 is one too many$/m);
    expect(text.split('\n').at(-1)).to.equal("1 of 5 vats can't start");
    expect(JSON.parse(JSON.stringify(report)))
      .to.have.property('vats')
      .with.length(5);
  });

  it('come from the command line, with an exit status of success only if all vats restart', async () => {
    const run = async (home: string, ...more: string[]) => {
      const lines: string[] = [];
      let failed = false;
      const args = parseCommandLine(['rehearse', '--home', home, ...more]);
      await rehearseCommand(args as RehearseArgs, {
        print: text => void lines.push(text),
        progress: { update: () => undefined, end: () => undefined },
        interruption: () => new AbortController().signal,
        fail: () => {
          failed = true;
        },
      });
      return { text: lines.join('\n'), failed };
    };
    const good = await makeStore();
    const html = join(makeTempDir(), 'report.html');
    const told = await run(good, '--epoch', '2', '--html', html);
    expect(told.failed).to.equal(false);
    expect(told.text.split('\n').at(-1)).to.equal('5 of 5 vats restart, none fails');
    expect(readFileSync(html, 'utf8')).to.include('5 of 5 vats restart');
    const bad = await run(await makeStore({ bob: { failInLife: 1 } }), '--epoch', '2', '--json');
    expect(bad.failed).to.equal(true);
    expect(JSON.parse(bad.text)).to.include({ ok: false, to: 2 });
    expect((await run(good, '--epoch', '1')).failed).to.equal(true);
    const nowhere = join(makeTempDir(), 'missing', 'report.html');
    const lines: string[] = [];
    const args = ['rehearse', '--home', good, '--epoch', '2', '--html', nowhere];
    const failed = await failureOf(
      rehearseCommand(parseCommandLine(args) as RehearseArgs, {
        print: text => void lines.push(text),
        progress: { update: () => undefined, end: () => undefined },
        interruption: () => new AbortController().signal,
        fail: () => undefined,
      }),
    );
    expect(failed).to.include({ code: 'USAGE' });
    expect(lines).to.deep.equal([]);
    expect(() => parseCommandLine(['rehearse', '--home', good])).to.throw('--epoch');
  });
});
