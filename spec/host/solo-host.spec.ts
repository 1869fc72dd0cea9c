import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openSoloHost } from '../../lib/host/solo-host.js';
import type { SoloHostOptions } from '../../lib/host/solo-host.js';
import { summarizeSwingset } from '../../lib/host/swingset-summary.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import { copySwingStore } from '../../lib/store/copy.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import {
  answerOf,
  ask,
  errorOf,
  fixture,
  makeConfig,
  silent,
  withoutSystemVats,
} from '../controller/support.js';
import { bundleOf } from '../support/shared-bundles.js';

describe('a solo host', () => {
  let home: string;

  beforeEach(async () => {
    home = join(await mkdtemp(join(tmpdir(), 'solo-')), 'home');
  });

  afterEach(() => rm(join(home, '..'), { recursive: true }));

  const open = (more: Partial<SoloHostOptions> = {}) =>
    openSoloHost({
      home,
      getConfig: async () => makeConfig('local'),
      initializationOptions: withoutSystemVats,
      ...more,
      runtimeOptions: { console: silent, ...more.runtimeOptions },
    });

  const summarize = async () => {
    const { hostStorage, kernelStorage } = openSwingStore(home, { mustExist: true });
    const summary = summarizeSwingset(kernelStorage);
    await hostStorage.close();
    return summary;
  };

  it('remembers over its lives', async () => {
    const first = await open();
    expect(first.isNew).to.equal(true);
    await first.run();
    expect(answerOf(first.controller, first.bootstrapResult!).state).to.equal('fulfilled');
    expect((await ask(first.controller, 'counter', 'increment', 4)).value).to.eql({
      heap: 4,
      total: 4,
    });
    await first.run();
    await first.close();

    const second = await open({
      getConfig: () => Promise.reject(Error('the configuration is not needed again')),
    });
    expect(second.isNew).to.equal(false);
    expect(second.bootstrapResult).to.equal(first.bootstrapResult);
    expect((await ask(second.controller, 'counter', 'increment')).value).to.eql({
      heap: 5,
      total: 5,
    });
    await second.close();
  });

  it('lets outputs out after the commit, and only then', async () => {
    const committed: (number | undefined)[] = [];
    const host = await open({
      onCommitted: async () => {
        // A copy shows what is durable, and nothing else.
        const to = join(home, '..', `copy-${committed.length}`);
        await copySwingStore(home, to);
        const { hostStorage, kernelStorage } = openSwingStore(to);
        committed.push(new KernelState(kernelStorage).crankNumber);
        await hostStorage.close();
      },
    });
    expect(committed).to.deep.equal([0]);
    const cranks = await host.run();
    expect(cranks).to.be.greaterThan(3);
    expect(committed).to.deep.equal([0, cranks]);
    await host.close();
  });

  it('restarts vats at a new epoch before it hands over', async () => {
    const first = await open({ runtimeOptions: { platformEpoch: 1 } });
    await first.run();
    await ask(first.controller, 'counter', 'increment', 2);
    await first.run();
    await first.close();
    expect((await summarize()).vats.map(({ incarnation }) => incarnation)).to.eql([0, 0, 0]);

    const second = await open({ runtimeOptions: { platformEpoch: 2 } });
    expect(second.controller.getPlatformEpoch()).to.equal(2);
    expect(second.controller.getPlatformRestartReport()?.vats).to.have.length(3);
    expect((await ask(second.controller, 'counter', 'increment')).value).to.eql({
      heap: 1,
      total: 3,
    });
    await second.run();
    await second.close();
    expect((await summarize()).vats.map(({ incarnation }) => incarnation)).to.eql([1, 1, 1]);
  });

  it('waits for what the host writes before a commit', async () => {
    let fails = false;
    const beforeCommit: SoloHostOptions['beforeCommit'] = async ({ kvStore }) => {
      await Promise.resolve();
      if (fails) throw Error('the host can not go on');
      kvStore.set('host.note', 'written late');
    };
    const host = await open({ beforeCommit });
    await host.run();
    fails = true;
    host.controller.queueToVatRoot('counter', 'increment', [4]);
    expect((await errorOf(() => host.run())).message).to.equal('the host can not go on');
    const { hostStorage } = openSwingStore(home, { mustExist: true });
    expect(hostStorage.kvStore.get('host.note')).to.equal('written late');
    await hostStorage.close();
    const again = await open();
    expect((await ask(again.controller, 'counter', 'increment', 1)).value).to.eql({
      heap: 1,
      total: 1,
    });
    await again.close();
  });

  it('goes on when a call comes too early', async () => {
    const host = await open();
    await host.run();
    const kpid = host.controller.queueToVatRoot('counter', 'increment', [4]);
    const running = host.run();
    for (const early of [() => host.run(), () => host.commit()]) {
      expect(await errorOf(early)).to.include({ code: 'KERNEL_BUSY' });
    }
    expect(await running).to.be.greaterThan(0);
    expect(answerOf(host.controller, kpid).value).to.eql({ heap: 4, total: 4 });
    const bundle = await bundleOf(fixture('counter-v2'));
    const installing = host.controller.validateAndInstallBundle(bundle);
    expect(await errorOf(() => host.run())).to.include({ code: 'KERNEL_BUSY' });
    await installing;
    await host.run();
    // Whoever closes it waits until the store is closed.
    await Promise.race([host.close(), host.close()]);
    const again = await open();
    expect((await ask(again.controller, 'counter', 'increment', 1)).value).to.eql({
      heap: 5,
      total: 5,
    });
    await again.close();
  });

  it('commits nothing after a panic, and closes the store', async () => {
    const host = await open();
    await host.run();
    const before = host.controller.getActivityhash();
    host.controller.queueToVatRoot('counter', 'increment', [100]);
    host.controller.queueToVatRoot('counter', 'fail', ['fatal'], 'panic');
    expect((await errorOf(() => host.run())).code).to.equal('KERNEL_PANIC');
    await host.close();
    expect((await summarize()).activityhash).to.equal(before);
    const again = await open();
    expect((await ask(again.controller, 'counter', 'increment')).value).to.eql({
      heap: 1,
      total: 1,
    });
    await again.close();
  });

  it('is at its last commit after kill -9 in the midst of a restart', async () => {
    const child = fork(fileURLToPath(new URL('./dying-host.ts', import.meta.url)), [home], {
      execArgv: ['--import', 'tsx/esm'],
      stdio: 'ignore',
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).to.equal('SIGKILL');
    const { ledger } = await summarize();
    expect(ledger.map(({ epoch, status }) => [epoch, status])).to.deep.equal([
      [1, 'baseline'],
      [2, 'in-progress'],
    ]);

    const host = await open({ runtimeOptions: { platformEpoch: 2 } });
    const report = host.controller.getPlatformRestartReport();
    expect(report?.decision).to.equal('resume');
    expect(report?.vats.map(({ vatID }) => vatID)).to.deep.equal(['v2', 'v3']);
    expect((await ask(host.controller, 'counter', 'increment')).value).to.eql({
      heap: 1,
      total: 8,
    });
    await host.run();
    await host.close();
    expect((await summarize()).vats.map(({ incarnation }) => incarnation)).to.eql([1, 1, 1]);
  });

  it('needs a configuration only where there is no swingset', async () => {
    const error = await errorOf(() => openSoloHost({ home }));
    expect(error.code).to.equal('NO_CONFIG');
    expect(error.message).to.contain(home);
  });
});
