import { expect } from 'chai';
import { kser } from '../../lib/kernel/delivery/kmarshal.js';
import { VatStateError } from '../../lib/kernel/delivery/errors.js';
import { failureOf } from '../support/failure.js';
import { startLife, type Life } from '../support/swingset.js';
import { workers } from '../support/workers.js';
import { hashTables, makeConfig, suspensionOf, vatIDs } from '../platform-epoch/support/fixture.js';

const { alice } = vatIDs;

const start = async (
  worker: 'local' | 'xsnap' = 'local',
  carol: object = {},
  config: Parameters<typeof makeConfig>[0] = {},
): Promise<Life> => {
  const life = await startLife({ config: makeConfig(config), worker, platformEpoch: 1 });
  await life.run();
  await life.call('boot', 'create', 'carol', carol);
  return life;
};

const refusal = async (attempt: Promise<unknown>): Promise<string> => {
  const error = await failureOf(attempt);
  expect(error).to.be.instanceOf(VatStateError);
  return String(error);
};

for (const worker of workers) {
  describe(`controller.restartVat, on ${worker}`, () => {
    it('starts the vat anew on its own code: durable state stays, RAM and its promises do not', async () => {
      const life = await start(worker);
      await life.call('boot', 'send', 'carol', 'bump');
      const lost = life.controller.queueToVatRoot('boot', 'send', ['carol', 'never']);
      await life.run();
      const queued = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
      life.slog.length = 0;
      expect(
        await life.controller.restartVat('v5', { upgradeMessage: 'a smaller heap' }),
      ).to.deep.equal({ incarnationNumber: 1 });
      const delivered = life.slog.filter(({ type }) => type === 'deliver');
      expect(delivered.map(({ vatID, dispatch }) => [vatID, dispatch])).to.deep.equal([
        ['v5', 'startVat'],
      ]);
      await life.run();
      expect(() => life.resultOf(lost))
        .to.throw()
        .that.deep.equals({
          name: 'vatUpgraded',
          upgradeMessage: 'a smaller heap',
          incarnationNumber: 0,
        });
      expect(life.resultOf(queued)).to.deep.equal([1, 2]);
      expect(life.controller.getEpochLedger()).to.have.length(1);
      await life.reboot({ platformEpoch: 1 });
      expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
    });
  });
}

describe('controller.restartVat', () => {
  it('starts the vat with other parameters, and keeps them', async () => {
    const life = await start('local', { vatParameters: { failInLife: 1 } });
    await life.controller.restartVat('v5', { vatParameters: { failInLife: 2 } });
    expect(await refusal(life.controller.restartVat('v5'))).to.include('life 2 is one too many');
    await life.reboot({ platformEpoch: 2, platformRestart: { vatParameters: { v5: {} } } });
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(3);
  });

  it("undoes everything if the vat can't start; the old incarnation goes on", async () => {
    const life = await start('local', { vatParameters: { failInLife: 1 } });
    expect(await life.call('boot', 'send', 'carol', 'bump')).to.deep.equal([1, 1]);
    const lives = life.controller.queueToVatRoot('boot', 'send', ['carol', 'never']);
    await life.run();
    const { kvStore } = life.kernelStorage;
    const options = kvStore.get('v5.options');
    const before = life.transcript('v5').length;
    expect(await refusal(life.controller.restartVat('v5'))).to.equal(
      'VatStateError: v5 could not be restarted: Error: life 1 is one too many',
    );
    expect(life.transcript('v5')).to.have.length(before);
    expect(kvStore.get('v5.options')).to.equal(options);
    expect(life.controller.kpStatus(lives)).to.equal('unresolved');
    expect(await life.call('boot', 'send', 'carol', 'bump')).to.deep.equal([2, 2]);
    expect(suspensionOf(life, 'v5')).to.equal(undefined);
  });

  it("counts a vat that exits at its start as one that can't start", async () => {
    const life = await start('local', { vatParameters: { exitInLife: 1 } });
    expect(await refusal(life.controller.restartVat('v5'))).to.include('could not be restarted');
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(1);
  });

  it('is refused for vats that can not restart, with the reason, and changes nothing', async () => {
    const life = await start();
    const { controller } = life;
    await controller.suspendVat('v5');
    const before = hashTables(life.store);
    expect(await refusal(controller.restartVat('v5'))).to.equal(
      'VatStateError: v5 is suspended by the host: resume it instead',
    );
    expect(await refusal(controller.restartVat('v77'))).to.include('v77 does not exist');
    for (const [options, field] of [
      [{ upgradeMessage: 7 }, 'options.upgradeMessage: expected a string, got 7'],
      [{ vatParameters: { big: 'x'.repeat(20_000_000) } }, 'options.vatParameters'],
    ] as const) {
      expect(String(await failureOf(controller.restartVat('v5', options as object)))).to.include(
        field,
      );
    }
    expect(String(await failureOf(controller.restartVat('carol')))).to.include('carol');
    expect(suspensionOf(life, 'v5')).to.include({ suspended: true });
    expect(hashTables(life.store)).to.deep.equal(before);
    controller.terminateVat('v5', kser('enough'));
    await life.run();
    expect(await refusal(controller.restartVat('v5'))).to.include('v5 does not exist');
  });

  it('is refused for a vat whose first start is still queued', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    expect(await refusal(life.controller.restartVat(alice))).to.include('has not started yet');
    await life.run();
    expect(await life.controller.restartVat(alice)).to.deep.equal({ incarnationNumber: 1 });
  });

  it('leaves a paused vat paused, and wakes one that sleeps or had failed', async () => {
    const life = await start('local', { vatParameters: { failInLife: 1 } });
    await life.call('boot', 'create', 'dave');
    life.controller.pauseVat('v6');
    await life.controller.restartVat('v6');
    expect(suspensionOf(life, 'v6')).to.include({ suspended: false, paused: true });

    await life.reboot({ platformEpoch: 2, platformRestart: { mode: 'lazy' } });
    expect(suspensionOf(life, 'v5')).to.include({ suspended: true, paused: false });
    // It has no old incarnation.
    expect(await refusal(life.controller.restartVat('v5'))).to.include('life 1 is one too many');
    expect(suspensionOf(life, 'v5')?.error).to.equal('Error: life 1 is one too many');
    await life.controller.restartVat('v5', { vatParameters: {} });
    expect(suspensionOf(life, 'v5')).to.equal(undefined);
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
  });

  it('restarts static vats, vat-admin among them', async () => {
    const life = await start();
    for (const vatID of ['v1', 'v2', 'v3']) {
      expect(await life.controller.restartVat(vatID)).to.deep.equal({ incarnationNumber: 1 });
    }
    await life.call('boot', 'create', 'dave');
    expect(await life.call('boot', 'send', 'dave', 'lives')).to.equal(1);
  });
});

describe('E(adminNode).restart()', () => {
  it('restarts the vat, in its turn among the other events', async () => {
    const life = await start();
    const first = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
    expect(await life.call('boot', 'restart', 'carol', {})).to.deep.equal({ incarnationNumber: 1 });
    expect(life.resultOf(first)).to.deep.equal([1, 1]);
    expect(await life.call('boot', 'send', 'carol', 'bump')).to.deep.equal([1, 2]);
  });

  it("rejects without the other vat's error if the vat can't start, and the vat goes on", async () => {
    const life = await start('local', { vatParameters: { failInLife: 1 } });
    const failure = await failureOf(life.call('boot', 'restart', 'carol', {}));
    expect(String(failure)).to.equal('Error: vat-restart failure: vat v5 could not start');
    expect(
      await life.call('boot', 'restart', 'carol', { vatParameters: {}, upgradeMessage: 'mended' }),
    ).to.deep.equal({ incarnationNumber: 1 });
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
  });

  it('is refused while the host keeps the vat suspended, and takes known options only', async () => {
    const life = await start();
    await life.controller.suspendVat('v5');
    expect(String(await failureOf(life.call('boot', 'restart', 'carol', {})))).to.equal(
      'Error: vat-restart failure: vat v5 is suspended by the host: resume it instead',
    );
    expect(
      String(await failureOf(life.call('boot', 'restart', 'carol', { parameters: {} }))),
    ).to.include('restart() received unknown options');
    expect(
      String(await failureOf(life.call('boot', 'restart', 'carol', { upgradeMessage: 7 }))),
    ).to.include('upgradeMessage not a string');
  });
});
