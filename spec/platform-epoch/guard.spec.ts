import { expect } from 'chai';
import { PlatformMismatchError } from '../../lib/platform-epoch/errors.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import type { PlatformEpochRecord } from '../../lib/types/platform-epoch.js';
import type { BundleID } from '../../lib/types/ids.js';
import type { VatOptions } from '../../lib/types/vat-options.js';
import { startLife, type Life } from '../support/swingset.js';
import { failureOf } from '../support/failure.js';
import { hashTables, makeConfig, resultFor } from './support/fixture.js';

const OLDER = 'xsnap 0.14.2 (moddable 11111111, xsnap-native 22222222, xs-meter-1)';

const changeJSON = <T>({ kernelStorage }: Life, key: string, change: (value: T) => T): void => {
  const { kvStore } = kernelStorage;
  kvStore.set(key, JSON.stringify(change(JSON.parse(kvStore.get(key) ?? '') as T)));
};

/** As if the store had been made with another engine: in the ledger, in the vats' records, or both. */
const ageLedger = (life: Life): void =>
  changeJSON<PlatformEpochRecord[]>(life, 'platformEpoch.ledger', records =>
    records.map(each => ({ ...each, fingerprint: { ...each.fingerprint, engine: OLDER } })),
  );
const ageVat = (life: Life, vatID: string): void =>
  changeJSON<VatOptions>(life, `${vatID}.options`, options =>
    options.workerOptions.type === 'local'
      ? options
      : { ...options, workerOptions: { ...options.workerOptions, engine: OLDER } },
  );

describe('the guard', () => {
  let life: Life;
  let running: string;

  beforeEach(async () => {
    running = (await loadPlatform()).fingerprint.engine;
    life = await startLife({
      config: makeConfig(),
      worker: 'xsnap',
      store: 'directory',
      platformEpoch: 1,
    });
    await life.run();
  });

  const expectRefusal = async (options: Parameters<Life['reboot']>[0]) => {
    await life.hostStorage.commit();
    const before = hashTables(life.store);
    life.slog.length = 0;
    const refusal = await failureOf(life.reboot(options));
    expect(refusal).to.be.instanceOf(PlatformMismatchError);
    expect(refusal).to.include({ code: 'PLATFORM_MISMATCH', stored: OLDER, running });
    expect(String(refusal)).to.include(
      `the vats of this store run on ${OLDER}, but ${running} is installed: pass a new platformEpoch to restart all vats on it`,
    );
    expect(
      life.slog.map(({ type }) => type).filter(type => /replay|startup|deliver/.test(type)),
      'before any replay',
    ).to.deep.equal([]);
    expect(hashTables(life.store)).to.deep.equal(before);
  };

  it('refuses an engine that is not that of the vats, with and without the same epoch', async () => {
    ageLedger(life);
    for (const vatID of ['v1', 'v2', 'v3', 'v4']) ageVat(life, vatID);
    await expectRefusal({});
    await expectRefusal({ platformEpoch: 1 });
  });

  it('looks before it makes a platform image that the store lacks', async () => {
    life.store.debug.getDatabase().exec('DELETE FROM platformImages');
    await life.hostStorage.commit();
    const before = hashTables(life.store);
    const refusal = await failureOf(life.reboot({ platformEpoch: 0 }));
    expect(refusal).to.include({ code: 'PLATFORM_EPOCH_REGRESSION' });
    expect(hashTables(life.store)).to.deep.equal(before);
    await life.reboot({ platformEpoch: 1 });
    expect(Object.keys(before).filter(t => hashTables(life.store)[t] !== before[t])).to.deep.equal([
      'platformImages',
    ]);
  });

  it("refuses an engine that some vat can't be continued on", async () => {
    ageVat(life, 'v4');
    await expectRefusal({});
  });

  it('refuses an engine that is not the one on which a restart under way began', async () => {
    changeJSON<PlatformEpochRecord[]>(life, 'platformEpoch.ledger', records =>
      records.map(each => ({ ...each, status: 'in-progress' })),
    );
    ageLedger(life);
    await expectRefusal({ platformEpoch: 1 });
  });

  it('lets a new epoch through, which starts on the running engine', async () => {
    ageLedger(life);
    for (const vatID of ['v1', 'v2', 'v3', 'v4']) ageVat(life, vatID);
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, 'v3')).to.include({ result: 'restarted', incarnation: 1 });
    const [first, second] = life.controller.getEpochLedger();
    expect(first?.fingerprint.engine).to.equal(OLDER);
    expect(second?.fingerprint.engine).to.equal(running);
    await life.reboot({ platformEpoch: 2 });
    expect(await life.call('alice', 'lives')).to.equal(2);
  });

  it('refuses to exempt a vat whose engine is gone', async () => {
    ageLedger(life);
    ageVat(life, 'v3');
    const refusal = await failureOf(
      life.reboot({ platformEpoch: 2, platformRestart: { exempt: ['alice'] } }),
    );
    expect(String(refusal)).to.include(
      'platformRestart.exempt: expected a vat whose platform can still be loaded, got "alice"',
    );
  });

  it('has nothing against another engine where no vat runs on one', async () => {
    const local = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await local.run();
    ageLedger(local);
    await local.reboot({ platformEpoch: 1 });
    expect(await local.call('alice', 'lives')).to.equal(1);
    expect(local.console).to.deep.equal([]);
    // A vat that starts now is bound to the installed engine, not to the one of the epoch.
    await local.call('boot', 'create', 'carol', { managerType: 'xsnap' });
    await local.reboot({ platformEpoch: 1 });
    expect(await local.call('boot', 'send', 'carol', 'lives')).to.equal(1);
  });

  it('says that another supervisor is installed, and goes on', async () => {
    const older = `b1-${'0'.repeat(128)}` as BundleID;
    const { supervisor } = (await loadPlatform()).fingerprint;
    const ageSupervisor = (status: PlatformEpochRecord['status']) =>
      changeJSON<PlatformEpochRecord[]>(life, 'platformEpoch.ledger', records =>
        records.map(each => ({
          ...each,
          status,
          fingerprint: { ...each.fingerprint, supervisor: older },
        })),
      );
    const said = () => [
      life.console.filter(line => line.includes(`supervisor ${supervisor} is installed`)).length,
      life.slog.filter(({ type }) => type === 'platform-differs').length,
    ];
    ageSupervisor('baseline');
    await life.reboot({ platformEpoch: 1 });
    expect(said()).to.deep.equal([1, 1]);
    expect(life.slog.find(({ type }) => type === 'platform-differs')).to.deep.include({
      epoch: 1,
      differences: [{ part: 'supervisor', stored: older, running: supervisor }],
    });
    await life.reboot();
    expect(said(), 'without an epoch').to.deep.equal([2, 2]);
    await life.reboot({ platformGuard: 'off' });
    expect(said(), 'off').to.deep.equal([2, 2]);
    ageSupervisor('in-progress');
    await life.reboot({ platformEpoch: 1 });
    expect(said(), 'a restart under way').to.deep.equal([3, 3]);
    await life.reboot({ platformEpoch: 2 });
    await life.reboot({ platformEpoch: 2 });
    expect(said(), 'a new epoch').to.deep.equal([3, 3]);
    expect(await life.call('alice', 'lives')).to.equal(3);
  });

  it('has nothing against a vat that is suspended', async () => {
    await life.controller.suspendVat('v3');
    ageVat(life, 'v3');
    await life.reboot();
    await life.controller.resumeVat('v3');
    expect(await life.call('alice', 'lives')).to.equal(2);
    await life.reboot();
    expect(await life.call('alice', 'lives'), 'it runs on the installed engine').to.equal(2);
  });

  it('warns, or says nothing, if the host takes the risk', async () => {
    ageLedger(life);
    ageVat(life, 'v4');
    await life.reboot({ platformGuard: 'warn' });
    expect(life.console.filter(line => line.includes(OLDER))).to.have.length(1);
    await life.reboot({ platformGuard: 'off' });
    expect(life.console.filter(line => line.includes(OLDER))).to.have.length(1);
    expect(await life.call('alice', 'lives')).to.equal(1);
  });

  it('has nothing against vats that have never run: they start on what is installed', async () => {
    const unborn = await startLife({ config: makeConfig(), worker: 'xsnap', store: 'directory' });
    const vatIDs = ['v1', 'v2', 'v3', 'v4'];
    for (const vatID of vatIDs) ageVat(unborn, vatID);
    await unborn.hostStorage.commit();
    await unborn.reboot({ platformEpoch: 1 });
    const engineOf = (vatID: string): unknown =>
      (JSON.parse(unborn.kernelStorage.kvStore.get(`${vatID}.options`) ?? '') as VatOptions)
        .workerOptions;
    for (const vatID of vatIDs) expect(engineOf(vatID)).to.deep.include({ engine: running });
    await unborn.run();
    expect(await unborn.call('alice', 'lives')).to.equal(1);
  });
});
