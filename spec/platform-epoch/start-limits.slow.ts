import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { KernelPanicError } from '../../lib/kernel/delivery/errors.js';
import { RestartFailedError } from '../../lib/platform-epoch/errors.js';
import type { ManagerType } from '../../lib/types/vat-options.js';
import type { VatLimits } from '../../lib/types/vat-limits.js';
import { failureOf } from '../support/failure.js';
import { makeTempDir, sourceOf, startLife, type Life } from '../support/swingset.js';
import { makeConfig, resultFor, suspensionOf, vatIDs } from './support/fixture.js';

const carol = 'v5';
const limits = { syscallsOfDelivery: 100_000, vatstoreValue: 20_000, body: 20_000 };
const TOO_MUCH_READ = 'syscalls and their results of more than 100000 characters in one delivery';

/** With the dynamic vats carol (v5), who will do too much when she starts again, and dave (v6). */
const start = async (
  overdo: string,
  { worker = 'local', checkAtEnd }: { worker?: ManagerType; checkAtEnd?: boolean } = {},
): Promise<Life> => {
  const config = makeConfig();
  const glutton = { sourceSpec: sourceOf(import.meta.url, 'vats/glutton.js') };
  const life = await startLife({
    config: { ...config, bundles: { ...config.bundles, glutton } },
    worker,
    limits,
    platformEpoch: 1,
    ...(checkAtEnd !== undefined && { checkAtEnd }),
  });
  await life.run();
  await life.call('boot', 'create', 'carol', { vatParameters: { overdo } }, 'glutton');
  await life.call('boot', 'create', 'dave');
  // More in all than one delivery may read, and far less in each that writes.
  for (const letter of 'abcd') {
    await life.call('boot', 'send', 'carol', 'put', `${letter}1`, `${letter}2`);
  }
  return life;
};

/** Not through `boot`, whose own promises end with each epoch. */
const askSize = ({ controller }: Life): string =>
  controller.queueToVatObject(kslot(controller.getRootObject(carol)), 'size');

const resultsOf = ({ controller }: Life) =>
  controller.getPlatformRestartReport()?.vats.map(({ vatID, result }) => `${vatID} ${result}`);

const othersRestarted = ['v1', 'v2', 'v3', 'v4'].map(vatID => `${vatID} restarted`);

/** As the one vat of the epoch that is out of service, with two messages, until it is satisfied. */
const expectSuspendedAlone = async (life: Life, error: string, waiting: string[]) => {
  expect(suspensionOf(life, carol)).to.include({
    suspended: true,
    paused: true,
    waiting: waiting.length,
  });
  expect(suspensionOf(life, carol)?.error).to.include(error);
  expect(life.controller.getEpochLedger().at(-1)).to.include({ epoch: 2, status: 'complete' });
  expect(await life.call('alice', 'lives'), 'a static vat').to.equal(2);
  expect(await life.call('boot', 'send', 'dave', 'lives'), 'a dynamic vat').to.equal(2);
  expect(life.console.join('\n')).not.to.include('PANIC');
  await life.reboot({ platformEpoch: 3, platformRestart: { vatParameters: { [carol]: {} } } });
  expect(resultFor(life, carol)).to.include({ result: 'restarted', error: undefined });
  await life.run();
  expect(waiting.map(kpid => life.resultOf(kpid))).to.deep.equal(waiting.map(() => 9));
};

describe('a vat that goes over a limit when it starts for a new epoch', () => {
  for (const [overdo, error] of [
    ['read', TOO_MUCH_READ],
    ['write', 'a value for the vatstore: 30'],
    ['say', 'marshalled data of 30'],
  ] as const) {
    it(`is suspended with its messages, and no other (${overdo})`, async () => {
      const life = await start(overdo);
      const before = askSize(life);
      await life.reboot({ platformEpoch: 2 });
      expect(resultsOf(life)).to.deep.equal([...othersRestarted, 'v5 suspended', 'v6 restarted']);
      expect(resultFor(life, carol).error).to.include(error);
      expect(life.controller.getEpochLedger().at(-1)).to.include({
        restarted: 5,
        suspended: 1,
        failed: 1,
      });
      const after = askSize(life);
      await life.run();
      await expectSuspendedAlone(life, error, [before, after]);
    });
  }

  it('is suspended on xsnap as well, also when its start ran ahead', async () => {
    const life = await start('read', { worker: 'xsnap' });
    const waiting = askSize(life);
    await life.reboot({ platformEpoch: 2, platformRestart: { concurrency: 2 } });
    expect(resultFor(life, carol)).to.include({ result: 'suspended', error: TOO_MUCH_READ });
    await life.run();
    await expectSuspendedAlone(life, TOO_MUCH_READ, [waiting]);
  });

  it('is terminated if the host wanted that', async () => {
    const life = await start('read');
    const lost = askSize(life);
    await life.reboot({ platformEpoch: 2, platformRestart: { onVatFailure: 'terminate' } });
    expect(resultsOf(life)).to.deep.equal([...othersRestarted, 'v5 terminated', 'v6 restarted']);
    expect(resultFor(life, carol).error).to.equal(TOO_MUCH_READ);
    await life.run();
    expect(() => life.resultOf(lost)).to.throw('vat terminated');
    expect(await life.call('boot', 'send', 'dave', 'lives')).to.equal(2);
  });

  it('stops the boot if the host wanted that, by an error that names it', async () => {
    const life = await start('read', { checkAtEnd: false });
    const failure = await failureOf(
      life.reboot({ platformEpoch: 2, platformRestart: { onVatFailure: 'panic' } }),
    );
    expect(failure).to.be.instanceOf(RestartFailedError);
    expect((failure as RestartFailedError).failures).to.deep.equal([
      { vatID: carol, error: TOO_MUCH_READ },
    ]);
  });
});

describe('a vat that goes over a limit when it starts late', () => {
  const lazily = async (life: Life, onVatFailure: 'suspend' | 'terminate' | 'panic') => {
    await life.reboot({ platformEpoch: 2, platformRestart: { mode: 'lazy', onVatFailure } });
    expect(resultsOf(life)).to.deep.equal([...othersRestarted, 'v5 suspended', 'v6 suspended']);
    expect(suspensionOf(life, carol)).to.include({ suspended: true, paused: false });
  };

  it('is suspended with its messages, and no other', async () => {
    const life = await start('read');
    const before = askSize(life);
    await lazily(life, 'suspend');
    const after = askSize(life);
    await life.run();
    await expectSuspendedAlone(life, TOO_MUCH_READ, [before, after]);
  });

  it('is terminated if the host wanted that', async () => {
    const life = await start('read');
    await lazily(life, 'terminate');
    const lost = askSize(life);
    await life.run();
    expect(() => life.resultOf(lost)).to.throw('vat terminated');
    expect(await life.call('boot', 'send', 'dave', 'lives')).to.equal(2);
  });

  it('stops the kernel if the host wanted that, by an error that names it', async () => {
    const life = await start('read', { checkAtEnd: false });
    await lazily(life, 'panic');
    askSize(life);
    const failure = await failureOf(life.run());
    expect(failure).to.be.instanceOf(KernelPanicError);
    expect(String(failure)).to.include('v5 could not be restarted').and.include(TOO_MUCH_READ);
  });
});

describe('a store that was written under other limits', () => {
  /** Its vats start under the real limits; then it is opened with others. */
  const startStore = async (alice: Record<string, unknown> = {}) => {
    const config = makeConfig({ alice });
    const path = makeTempDir();
    const open = (options: { limits?: Partial<VatLimits>; platformEpoch?: number }) =>
      startLife({ config, worker: 'local', store: { path }, ...options });
    const life = await open({ platformEpoch: 1 });
    await life.run();
    return { life, open };
  };

  it('vatParameters that are too long are a failure to start', async () => {
    const { life, open } = await startStore({ note: 'x'.repeat(6000) });
    const row = life.kernelStorage.kvStore.get(`${vatIDs.alice}.vatParameters`) ?? '';
    const { length } = (JSON.parse(row) as { body: string }).body;
    await life.close();

    const above = await open({ limits: { delivery: length - 1 }, platformEpoch: 2 });
    expect(resultFor(above, vatIDs.alice)).to.include({
      result: 'suspended',
      error: `vatParameters of ${length} characters are too long; at most ${length - 1}`,
    });
    expect(resultFor(above, vatIDs.bob).result).to.equal('restarted');
    const waiting = above.controller.queueToVatRoot('alice', 'lives');
    await above.run();
    await above.close();

    const within = await open({ limits: { delivery: length }, platformEpoch: 3 });
    expect(resultFor(within, vatIDs.alice)).to.include({ result: 'restarted' });
    await within.run();
    expect(within.resultOf(waiting)).to.equal(2);
  });

  it('is replayed whatever the limits are now, and held to them in what is new', async () => {
    const { life, open } = await startStore();
    await life.call('alice', 'write', 'x'.repeat(6000));
    expect(await life.call('alice', 'bump')).to.deep.equal([1, 1]);
    await life.close();

    const less = { syscall: 5000, syscallsOfDelivery: 20_000, vatstoreValue: 5000, body: 5000 };
    const later = await open({ limits: less });
    expect(await later.call('alice', 'bump'), 'with what was in RAM').to.deep.equal([2, 2]);
    const tooMuch = later.controller.queueToVatRoot('alice', 'write', ['a little more']);
    await later.run();
    expect(() => later.resultOf(tooMuch)).to.throw('vat terminated');
    expect(await later.call('bob', 'bump')).to.deep.equal([1, 1]);
  });
});
