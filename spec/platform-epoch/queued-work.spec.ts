import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { startLife, type Life } from '../support/swingset.js';
import { reportQueue } from '../../lib/host/operator-actions/queue-report.js';
import { summarizeSwingset } from '../../lib/host/swingset-summary.js';
import type { PlatformRestartOptions } from '../../lib/platform-epoch/restart-options.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import { failureOf } from '../support/failure.js';
import { hashTables, makeConfig, vatIDs } from './support/fixture.js';

const { alice, bob } = vatIDs;

/** An epoch that meets queued work (issue 10, item 3). */
describe('a restart while events are queued', () => {
  const firstLife = async (store: 'memory' | 'directory' = 'memory'): Promise<Life> => {
    const life = await startLife({
      config: makeConfig(),
      worker: 'local',
      platformEpoch: 'one',
      store,
    });
    await life.run();
    return life;
  };
  const startEntry = ({ slog }: Life) => slog.find(({ type }) => type === 'epoch-restart-start');
  const warnings = (life: Life) => life.console.filter(line => line.includes('queued event'));
  const requireEmptyQueue = { platformRestart: { requireEmptyQueue: true } };

  it('says how many there were, and for which vats', async () => {
    const life = await firstLife();
    const { controller } = life;
    const results = ['alice', 'bob', 'alice'].map(name => controller.queueToVatRoot(name, 'bump'));
    const expected = { queuedEvents: 3, queuedByVat: { [alice]: 2, [bob]: 1 } };

    await life.reboot({ platformEpoch: 'two' });
    expect(life.controller.getPlatformRestartReport()).to.deep.include(expected);
    expect(startEntry(life)).to.deep.include(expected);
    expect(warnings(life)).to.have.length(1);
    expect(warnings(life)[0]).to.include('3 queued events (v3: 2, v4: 1)');
    await life.run();
    expect(results.map(kpid => life.resultOf(kpid))).to.deep.equal([
      [1, 1],
      [1, 1],
      [2, 2],
    ]);
  });

  it('says nothing on the console when nothing is queued', async () => {
    const life = await firstLife();
    await life.reboot({ platformEpoch: 'two' });
    expect(life.controller.getPlatformRestartReport()).to.deep.include({
      queuedEvents: 0,
      queuedByVat: {},
    });
    expect(warnings(life)).to.deep.equal([]);
  });

  it('counts events for no vat as well', async () => {
    const life = await firstLife();
    const never = life.controller.queueToVatRoot('alice', 'never');
    await life.run();
    // Nobody decides yet where this one goes.
    life.controller.queueToVatObject(kslot(never), 'use', [], 'none');
    await life.reboot({ platformEpoch: 'two' });
    const { queuedEvents, queuedByVat } = life.controller.getPlatformRestartReport() ?? {};
    expect({ queuedEvents, queuedByVat }).to.deep.equal({ queuedEvents: 1, queuedByVat: {} });
  });

  it('counts what waited for a vat that is not paused any more', async () => {
    const life = await firstLife();
    const { controller } = life;
    await controller.suspendVat(alice);
    for (let sent = 0; sent < 3; sent += 1) controller.queueToVatRoot('alice', 'bump', [], 'none');
    await life.run();
    const summarize = () => {
      const { queued, waiting } = summarizeSwingset(life.kernelStorage);
      const report = reportQueue(new KernelState(life.kernelStorage));
      expect([report.queued, report.waiting]).to.deep.equal([queued, waiting]);
      return [queued, waiting];
    };
    expect(summarize(), 'no run would deliver them').to.deep.equal([0, 3]);

    await controller.resumeVat(alice);
    expect(summarize(), 'the next run delivers them').to.deep.equal([3, 0]);
    const refusal = await failureOf(life.reboot({ platformEpoch: 'two', ...requireEmptyQueue }));
    expect(refusal).to.include({ code: 'PLATFORM_RESTART_QUEUE_NOT_EMPTY' });
    await life.reboot({ platformEpoch: 'two', platformRestart: { mode: 'lazy' } });
    const expected = { queuedEvents: 3, queuedByVat: { [alice]: 3 } };
    expect(life.controller.getPlatformRestartReport()).to.deep.include(expected);
    await life.run();
    expect(summarize()).to.deep.equal([0, 0]);
  });

  it('is refused before any write, if the host wants that, until the queue has run empty', async () => {
    const life = await firstLife();
    await life.call('boot', 'introduce', 'alice', 'getEphemeral', 'bob', 'ephemeral');
    life.controller.queueToVatRoot('bob', 'use', ['ephemeral']);
    await life.hostStorage.commit();
    const before = hashTables(life.store);

    const error = await failureOf(life.reboot({ platformEpoch: 'two', ...requireEmptyQueue }));
    expect(error).to.include({
      code: 'PLATFORM_RESTART_QUEUE_NOT_EMPTY',
      stored: 'one',
      given: 'two',
    });
    expect((error as Error).message)
      .to.include('1 queued event (v4: 1)')
      .and.to.include('"one"');
    expect(hashTables(life.store)).to.deep.equal(before);

    await life.reboot({ platformEpoch: 'one', ...requireEmptyQueue });
    await life.run();
    await life.reboot({ platformEpoch: 'two', ...requireEmptyQueue });
    expect(life.controller.getPlatformEpoch()).to.equal('two');
  });

  it('takes no account of what waits for vats that are paused or suspended', async () => {
    const life = await firstLife();
    life.controller.pauseVat(alice);
    await life.controller.suspendVat(bob);
    life.controller.pauseVat(bob);
    for (const name of ['alice', 'bob']) life.controller.queueToVatRoot(name, 'bump', [], 'none');
    await life.run();
    await life.reboot({ platformEpoch: 'two', ...requireEmptyQueue });
    expect(life.controller.getPlatformRestartReport()).to.include({ queuedEvents: 0 });
  });

  for (const [next, decision] of [
    ['two', 'resume'],
    ['three', 'advance'],
  ] as const) {
    it(`goes on after a crash in a restart, with a boot for epoch ${next}`, async () => {
      const life = await firstLife('directory');
      // The end of alice's incarnation rejects what bob waits for, and so queues a notification.
      await life.call('boot', 'tell', 'bob', 'hear', 'alice', 'never');
      const platformRestart: PlatformRestartOptions = {
        requireEmptyQueue: true,
        checkpoint: () => life.hostStorage.commit(),
        // A host may stop a boot so: what progress is told is no log, whose failures harm nobody.
        onRestartProgress: ({ phase, vatID }) => {
          if (phase === 'turn' && vatID === bob) throw Error('the host dies');
        },
      };
      const died = await failureOf(life.reboot({ platformEpoch: 'two', platformRestart }));
      expect((died as Error).message).to.equal('the host dies');

      await life.crash({ platformEpoch: next, ...requireEmptyQueue });
      const report = life.controller.getPlatformRestartReport();
      expect(report?.decision).to.equal(decision);
      expect(report?.queuedEvents).to.be.greaterThan(0);
    });
  }
});
