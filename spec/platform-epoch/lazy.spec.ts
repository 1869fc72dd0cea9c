import { spawn as nodeSpawn } from 'node:child_process';
import { expect } from 'chai';
import { CriticalRestartError } from '../../lib/platform-epoch/errors.js';
import { KernelPanicError } from '../../lib/kernel/delivery/errors.js';
import { startLife, type Life } from '../support/swingset.js';
import {
  disconnection,
  hashTables,
  makeConfig,
  resultFor,
  suspensionOf,
  vatIDs,
} from './support/fixture.js';
import { workers } from '../support/workers.js';

const { alice } = vatIDs;
const lazily = { platformEpoch: 2, platformRestart: { mode: 'lazy' } } as const;

/** A swingset with dynamic vats carol (v5) and dave (v6), whose parameters may be given. */
const start = async (
  worker: 'local' | 'xsnap' = 'local',
  { carol = {}, ...config }: Parameters<typeof makeConfig>[0] & { carol?: object } = {},
): Promise<Life> => {
  const life = await startLife({ config: makeConfig(config), worker, platformEpoch: 1 });
  await life.run();
  await life.call('boot', 'create', 'carol', carol);
  await life.call('boot', 'create', 'dave');
  return life;
};

const deliveriesTo = (life: Life, vatID: string): unknown[] =>
  life.slog
    .filter(entry => entry.type === 'deliver' && entry['vatID'] === vatID)
    .map(({ dispatch }) => dispatch);

for (const worker of workers) {
  describe(`a lazy restart, on ${worker}`, () => {
    it('starts the static vats, and each other one with its first delivery', async () => {
      const life = await start(worker);
      await life.call('boot', 'send', 'carol', 'bump');
      const queued = life.controller.queueToVatRoot('boot', 'sendOnly', ['carol', 'bump']);
      life.slog.length = 0;
      await life.reboot(lazily);
      const report = life.controller.getPlatformRestartReport();
      expect(report?.mode).to.equal('lazy');
      expect(report?.vats.map(({ vatID, result }) => [vatID, result])).to.deep.equal([
        ['v1', 'restarted'],
        ['v2', 'restarted'],
        ['v3', 'restarted'],
        ['v4', 'restarted'],
        ['v5', 'suspended'],
        ['v6', 'suspended'],
      ]);
      expect(life.controller.getEpochLedger().at(-1)).to.include({
        status: 'complete',
        restarted: 4,
        suspended: 2,
        failed: 0,
      });
      expect(life.controller.getEpochLedger().at(-1)?.options.mode).to.equal('lazy');
      for (const vatID of ['v5', 'v6']) {
        expect(suspensionOf(life, vatID)).to.include({
          suspended: true,
          paused: false,
          waiting: 0,
        });
        expect(life.transcript(vatID)).to.deep.equal([]);
      }
      for (const vatID of ['v1', 'v2', 'v3', 'v4', 'v5', 'v6']) {
        // No old incarnation is woken.
        const expected = Number(vatID.slice(1)) <= 4 ? ['startVat'] : [];
        expect(deliveriesTo(life, vatID), vatID).to.deep.equal(expected);
      }

      await life.reboot({ platformEpoch: 2 });
      expect(life.controller.getPlatformRestartReport()).to.equal(undefined);
      expect(suspensionOf(life, 'v5')).to.include({ suspended: true, paused: false });
      await life.run();
      expect(life.controller.kpStatus(queued)).to.equal('fulfilled');
      expect(deliveriesTo(life, 'v5').slice(0, 2)).to.deep.equal(['startVat', 'message']);
      expect(suspensionOf(life, 'v5')).to.equal(undefined);
      expect(await life.call('boot', 'send', 'carol', 'bump')).to.deep.equal([2, 3]);
      expect(suspensionOf(life, 'v6'), 'dave still sleeps').to.include({ suspended: true });
      expect(deliveriesTo(life, 'v6')).to.deep.equal([]);

      await life.reboot({ platformEpoch: 3, platformRestart: { exempt: ['carol', 'dave'] } });
      expect(resultFor(life, 'v5')).to.include({ result: 'exempt', sleeps: false });
      expect(resultFor(life, 'v6')).to.include({ result: 'exempt', sleeps: true });
    });

    it('comes to the same on two replicas, however many workers they keep', async () => {
      const replica = async (maxVatsOnline: number) => {
        const life = await start(worker);
        life.controller.queueToVatRoot('boot', 'sendOnly', ['carol', 'bump']);
        await life.reboot({ ...lazily, warehousePolicy: { maxVatsOnline } });
        await life.run();
        const tables = hashTables(life.store, { withoutLocal: true });
        const activityhash = life.controller.getActivityhash();
        await life.close();
        return { tables, activityhash };
      };
      expect(await replica(50)).to.deep.equal(await replica(2));
    });
  });
}

describe('a vat that starts lazily', () => {
  it('is woken by news for its durable watchers, and not by what only its RAM waited for', async () => {
    const life = await start();
    await life.call('boot', 'tell', 'carol', 'watch', 'alice', 'never');
    await life.call('boot', 'tell', 'dave', 'hear', 'alice', 'never');
    await life.reboot(lazily);
    expect(resultFor(life, alice).promisesRejected).to.equal(2);
    await life.run();
    expect(suspensionOf(life, 'v6')).to.include({ suspended: true });
    expect(suspensionOf(life, 'v5')).to.equal(undefined);
    expect(await life.call('boot', 'send', 'carol', 'read')).to.deep.equal([
      ['rejected', disconnection(2, 0)],
    ]);
  });

  it('is not woken by drops of its exports, which wait for a message', async () => {
    const life = await start();
    await life.call('boot', 'introduce', 'carol', 'getThing', 'alice', 'thing');
    life.slog.length = 0;
    // Alice held it in RAM only.
    await life.reboot(lazily);
    await life.run();
    expect(suspensionOf(life, 'v5')).to.include({ suspended: true, paused: false });
    expect(life.controller.dump().gcActions.map(text => text.split(' ')[0])).to.include('v5');
    // In a row of its own: cranks that rewrite the kernel's row do not write it (issue 10).
    const { kvStore } = life.kernelStorage;
    expect(kvStore.get('gcActions')).to.equal('[]');
    expect(kvStore.get('v5.gcActions')).to.match(/^\["v5 dropExport ko/);
    await life.call('boot', 'send', 'carol', 'bump');
    expect(deliveriesTo(life, 'v5').slice(0, 4)).to.deep.equal([
      'startVat',
      'message',
      'dropExports',
      'retireExports',
    ]);
    expect(life.controller.dump().gcActions).to.deep.equal([]);
    expect(kvStore.has('v5.gcActions')).to.equal(false);
  });

  it("is suspended and paused if it can't start; its messages wait, the others run", async () => {
    const life = await start('local', { carol: { vatParameters: { failInLife: 1 } } });
    await life.reboot(lazily);
    const first = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
    const second = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
    expect(await life.call('boot', 'send', 'dave', 'bump')).to.deep.equal([1, 1]);
    expect(suspensionOf(life, 'v5')).to.include({
      suspended: true,
      paused: true,
      waiting: 2,
      error: 'Error: life 1 is one too many',
    });
    const late = (vatID: string) =>
      life.slog.filter(entry => entry.type === 'late-start' && entry['vatID'] === vatID);
    expect(late('v5').map(({ result, error }) => [result, error])).to.deep.equal([
      ['suspended', 'Error: life 1 is one too many'],
    ]);
    expect(late('v6').map(({ result, error }) => [result, error])).to.deep.equal([
      ['started', undefined],
    ]);
    expect(life.console.filter(line => line.startsWith('suspended vat'))).to.deep.equal([
      'suspended vat v5 (carol) could not start (suspended): Error: life 1 is one too many',
      'suspended vat v6 (dave) has started',
    ]);
    await life.call('boot', 'upgrade', 'carol', 'mended');
    expect([first, second].map(kpid => life.resultOf(kpid))).to.deep.equal([
      [1, 1],
      [2, 2],
    ]);
  });

  it("is terminated if it can't start and the host wanted that", async () => {
    const life = await start('local', { carol: { vatParameters: { failInLife: 1 } } });
    await life.reboot({ ...lazily, platformRestart: { mode: 'lazy', onVatFailure: 'terminate' } });
    await life.reboot();
    const lost = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
    await life.run();
    expect(() => life.resultOf(lost)).to.throw('vat terminated');
    expect(life.controller.getStatus().activeVats.map(({ id }) => id)).not.to.include('v5');
  });

  it("stops the kernel if it can't start and the host wanted that", async () => {
    const life = await startLife({
      config: makeConfig(),
      worker: 'local',
      platformEpoch: 1,
      checkAtEnd: false,
    });
    await life.run();
    await life.call('boot', 'create', 'carol', { vatParameters: { failInLife: 1 } });
    await life.reboot({ ...lazily, platformRestart: { mode: 'lazy', onVatFailure: 'panic' } });
    life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
    let failure: unknown;
    await life.run().catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(KernelPanicError);
    expect(String(failure)).to.include('v5 could not be restarted').and.include('one too many');
  });

  it('is suspended and paused if its worker dies again and again at its start', async () => {
    const life = await start('xsnap');
    let deaths = 0;
    const spawn = ((...args: Parameters<typeof nodeSpawn>) => {
      const child = nodeSpawn(...args);
      if (deaths < 3 && String(args[1][0]).endsWith(':carol')) {
        deaths += 1;
        child.kill('SIGKILL');
      }
      return child;
    }) as typeof nodeSpawn;
    await life.reboot({ ...lazily, onWorkerDeath: 'terminate', spawn });
    const first = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
    expect(await life.call('boot', 'send', 'dave', 'bump')).to.deep.equal([1, 1]);
    expect(deaths).to.equal(3);
    expect(suspensionOf(life, 'v5')).to.include({
      suspended: true,
      paused: true,
      waiting: 1,
      error: 'the worker died again and again',
    });
    await life.controller.resumeVat('v5');
    await life.run();
    expect(life.resultOf(first)).to.deep.equal([1, 1]);
  });

  it('goes on to the next epoch, and no incarnation is counted that never was', async () => {
    const life = await start();
    await life.reboot(lazily);
    await life.reboot({ ...lazily, platformEpoch: 3 });
    expect(resultFor(life, 'v5')).to.include({ result: 'suspended', incarnation: 1 });
    await life.reboot({ platformEpoch: 4 });
    expect(resultFor(life, 'v5')).to.include({ result: 'restarted', incarnation: 1 });
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
  });

  it('is started for the next epoch though it was paused meanwhile, and stays paused', async () => {
    const life = await start();
    await life.reboot(lazily);
    life.controller.pauseVat('v5');
    await life.reboot({ platformEpoch: 3 });
    expect(resultFor(life, 'v5')).to.include({ result: 'restarted', incarnation: 1 });
    expect(suspensionOf(life, 'v5')).to.include({ suspended: false, paused: true });
  });

  it('starts with resumeVat as well, and can be paused before it does', async () => {
    const life = await start();
    await life.reboot(lazily);
    await life.controller.resumeVat('v5');
    expect(suspensionOf(life, 'v5')).to.equal(undefined);
    life.controller.pauseVat('v6');
    const waiting = life.controller.queueToVatRoot('boot', 'send', ['dave', 'lives']);
    await life.run();
    expect(suspensionOf(life, 'v6')).to.include({ suspended: true, paused: true, waiting: 1 });
    life.controller.unpauseVat('v6');
    await life.run();
    expect(life.resultOf(waiting)).to.equal(2);
  });
});

describe('a lazy restart', () => {
  it('starts critical vats at boot, where their failure can still be undone', async () => {
    const life = await startLife({
      config: makeConfig(),
      worker: 'local',
      platformEpoch: 1,
      checkAtEnd: false,
    });
    await life.run();
    await life.call('boot', 'create', 'carol', {
      critical: true,
      vatParameters: { failInLife: 1 },
    });
    await life.call('boot', 'create', 'dave', { critical: true });
    let failure: unknown;
    await life.reboot(lazily).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(CriticalRestartError);
    expect((failure as CriticalRestartError).failures.map(({ vatID }) => vatID)).to.deep.equal([
      'v5',
    ]);
    expect(deliveriesTo(life, 'v6')).to.include('startVat');
  });

  it("suspends static vats that can't start, and vats without parameters at once", async () => {
    const life = await start('local', { alice: { failInLife: 1 } });
    life.kernelStorage.kvStore.delete('v5.vatParameters');
    await life.reboot(lazily);
    expect(resultFor(life, alice)).to.include({
      result: 'suspended',
      error: 'Error: life 1 is one too many',
    });
    expect(resultFor(life, 'v5').error).to.include('platformRestart.vatParameters.v5');
    expect(suspensionOf(life, 'v5')).to.include({ suspended: true, paused: true });
    expect(suspensionOf(life, 'v6')).to.include({ suspended: true, paused: false });
    expect(life.controller.getEpochLedger().at(-1)).to.include({
      restarted: 3,
      suspended: 3,
      failed: 2,
    });
  });
});
