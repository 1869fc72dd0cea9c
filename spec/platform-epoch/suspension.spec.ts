import { expect } from 'chai';
import { kser } from '@agoric/kmarshal';
import {
  CriticalVatError,
  KernelPanicError,
  VatStateError,
} from '../../lib/kernel/delivery/errors.js';
import { BadIdentifierError } from '../../lib/errors.js';
import { startLife, type Life } from '../support/swingset.js';
import { failureOf } from '../support/failure.js';
import { disconnection, makeConfig, resultFor, suspensionOf, vatIDs } from './support/fixture.js';
import { engineWorkers } from '../support/workers.js';

const { alice, bob } = vatIDs;

const start = async (worker: 'local' | 'xsnap' = 'local', config = makeConfig()): Promise<Life> => {
  const life = await startLife({
    // Drops are noticed with the delivery that causes them.
    config: { ...config, defaultReapInterval: 1 },
    worker,
    platformEpoch: 1,
  });
  await life.run();
  return life;
};

/** Queues a call and runs; the promise for its result. */
const send = async (life: Life, vatName: string, method: string, ...args: unknown[]) => {
  const kpid = life.controller.queueToVatRoot(vatName, method, args);
  await life.run();
  return kpid;
};

const onlineEvents = (life: Life, vatID: string): string[] =>
  life.slog
    .filter(({ type, vatID: about }) => about === vatID && type === 'deliver')
    .map(({ dispatch }) => String(dispatch));

for (const worker of engineWorkers) {
  describe(`the two flags of a vat, on ${worker}`, () => {
    it('paused: deliveries wait in order, and the incarnation takes them up', async () => {
      const life = await start(worker);
      expect(await life.call('alice', 'bump')).to.deep.equal([1, 1]);
      life.controller.pauseVat(alice);
      const waiting = [await send(life, 'alice', 'bump'), await send(life, 'alice', 'bump')];
      expect(suspensionOf(life, alice)).to.include({ suspended: false, paused: true, waiting: 2 });
      life.slog.length = 0;
      const snapshots = await life.controller.snapshotAllVats();
      expect(snapshots).to.deep.equal(worker === 'xsnap' ? ['v1', 'v2'] : []);
      expect(onlineEvents(life, alice), 'not even for a snapshot').to.deep.equal([]);
      await life.reboot();
      expect(suspensionOf(life, alice)).to.include({ suspended: false, paused: true, waiting: 2 });
      expect(await life.call('bob', 'bump')).to.deep.equal([1, 1]);
      life.controller.unpauseVat(alice);
      expect(suspensionOf(life, alice)).to.equal(undefined);
      await life.run();
      expect(waiting.map(kpid => life.resultOf(kpid))).to.deep.equal([
        [2, 2],
        [3, 3],
      ]);
    });

    it('suspended and paused: deliveries wait in order, and the next incarnation takes them up', async () => {
      const life = await start(worker);
      expect(await life.call('alice', 'bump')).to.deep.equal([1, 1]);
      const inFlight = await send(life, 'alice', 'never');
      await life.controller.suspendVat(alice);
      expect(await failureOf(Promise.resolve().then(() => life.resultOf(inFlight)))).to.deep.equal({
        ...disconnection(1, 0),
        upgradeMessage: 'vat suspended',
      });
      const waiting = [await send(life, 'alice', 'bump'), await send(life, 'alice', 'bump')];
      const status = suspensionOf(life, alice);
      expect(status).to.include({ suspended: true, paused: true, waiting: 2, error: undefined });
      await life.reboot();
      expect(suspensionOf(life, alice)).to.deep.equal(status);
      await life.run();
      expect(life.transcript(alice), 'no worker, no live transcript').to.deep.equal([]);
      await life.controller.resumeVat(alice);
      expect(suspensionOf(life, alice)).to.equal(undefined);
      await life.run();
      expect(waiting.map(kpid => life.resultOf(kpid))).to.deep.equal([
        [1, 2],
        [2, 3],
      ]);
      expect(await life.call('alice', 'lives')).to.equal(2);
    });

    it('suspended and not paused: the first delivery starts the next incarnation', async () => {
      const life = await start(worker);
      await life.controller.suspendVat(alice);
      life.controller.unpauseVat(alice);
      expect(suspensionOf(life, alice)).to.include({ suspended: true, paused: false });
      await life.run();
      await life.reboot();
      expect(suspensionOf(life, alice), 'nothing came').to.include({ suspended: true });
      life.slog.length = 0;
      expect(await life.call('alice', 'bump')).to.deep.equal([1, 1]);
      expect(onlineEvents(life, alice).slice(0, 2)).to.deep.equal(['startVat', 'message']);
      expect(suspensionOf(life, alice)).to.equal(undefined);
    });

    it('are set and taken back by adminNodes too', async () => {
      const life = await start(worker);
      await life.call('boot', 'create', 'carol');
      const admin = (method: string) => life.call('boot', 'send', 'admin carol', method);
      await admin('pause');
      expect(suspensionOf(life, 'v5')).to.include({ suspended: false, paused: true });
      const first = await send(life, 'boot', 'send', 'carol', 'bump');
      await admin('suspend');
      expect(suspensionOf(life, 'v5')).to.include({ suspended: true, paused: true, waiting: 1 });
      const second = await send(life, 'boot', 'send', 'carol', 'bump');
      await admin('resume');
      expect(suspensionOf(life, 'v5')).to.equal(undefined);
      expect(life.resultOf(first)).to.deep.equal([1, 1]);
      expect(life.resultOf(second)).to.deep.equal([2, 2]);
      await admin('pause');
      await admin('unpause');
      expect(await life.call('boot', 'send', 'carol', 'bump')).to.deep.equal([3, 3]);
      expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
    });
  });
}

describe('a suspended vat', () => {
  it('lets messages to promises for its answers wait as well', async () => {
    const life = await start();
    await life.controller.suspendVat(alice);
    const pipelined = await send(life, 'boot', 'pipeline', 'alice', 'getThing');
    expect(life.controller.kpStatus(pipelined)).to.equal('unresolved');
    await life.reboot();
    await life.controller.resumeVat(alice);
    await life.run();
    expect(life.resultOf(pipelined)).to.equal('thing used 1');
  });

  it('hears of promises when it is back: with durable watchers after a suspension', async () => {
    const life = await start();
    await life.call('boot', 'tell', 'alice', 'watch', 'bob', 'later');
    await life.controller.suspendVat(alice);
    await life.call('bob', 'settle', 'good news');
    expect(suspensionOf(life, alice)?.waiting).to.equal(1);
    await life.controller.resumeVat(alice);
    await life.run();
    expect(await life.call('alice', 'read')).to.deep.equal([['fulfilled', 'good news']]);
  });

  it('hears of promises when it is back: with all it had in RAM after a pause', async () => {
    const life = await start();
    await life.call('boot', 'tell', 'alice', 'hear', 'bob', 'later');
    life.controller.pauseVat(alice);
    await life.call('bob', 'settle', 'good news');
    life.controller.unpauseVat(alice);
    await life.run();
    expect(await life.call('alice', 'read')).to.deep.equal([['fulfilled', 'good news']]);
  });

  for (const flag of ['paused', 'suspended'] as const) {
    it(`is owed drops of its exports until it is back (${flag})`, async () => {
      const life = await start();
      await life.call('boot', 'introduce', 'alice', 'getThing', 'bob', 'thing');
      if (flag === 'paused') life.controller.pauseVat(alice);
      else await life.controller.suspendVat(alice);
      await life.call('bob', 'release', 'thing');
      const owed = () =>
        life.controller.dump().gcActions.filter(text => text.startsWith(`${alice} `));
      expect(owed().map(text => text.split(' ')[1])).to.deep.equal(['dropExport', 'retireExport']);
      await life.reboot();
      expect(owed().length, 'after a boot').to.equal(2);
      life.slog.length = 0;
      if (flag === 'paused') life.controller.unpauseVat(alice);
      else await life.controller.resumeVat(alice);
      await life.run();
      expect(owed()).to.deep.equal([]);
      expect(onlineEvents(life, alice)).to.include.members(['dropExports', 'retireExports']);
    });
  }

  it('does not start for drops of its exports: they wait for a message', async () => {
    const life = await start();
    await life.call('boot', 'introduce', 'alice', 'getThing', 'bob', 'thing');
    await life.controller.suspendVat(alice);
    life.controller.unpauseVat(alice);
    life.slog.length = 0;
    await life.call('bob', 'release', 'thing');
    expect(suspensionOf(life, alice)).to.include({ suspended: true, paused: false });
    expect(await life.call('alice', 'bump')).to.deep.equal([1, 1]);
    expect(onlineEvents(life, alice).slice(0, 4)).to.deep.equal([
      'startVat',
      'message',
      'dropExports',
      'retireExports',
    ]);
  });

  it('can be terminated, and what waited for it is rejected', async () => {
    const life = await start();
    await life.call('boot', 'create', 'carol');
    await life.call('boot', 'create', 'dave');
    await life.controller.suspendVat('v5');
    await life.controller.suspendVat('v6');
    const waiting = [
      await send(life, 'boot', 'send', 'carol', 'bump'),
      await send(life, 'boot', 'send', 'dave', 'bump'),
      await send(life, 'boot', 'pipeline', 'dave', 'getThing'),
    ];
    life.controller.terminateVat('v5', kser(Error('no more')));
    await life.run();
    await life.call('boot', 'send', 'admin dave', 'terminateWithFailure', Error('no more'));
    for (const kpid of waiting) {
      expect(String(await failureOf(Promise.resolve().then(() => life.resultOf(kpid))))).to.include(
        'vat terminated',
      );
    }
    expect(life.controller.getStatus().activeVats.map(({ id }) => id)).to.deep.equal([
      'v1',
      'v2',
      'v3',
      'v4',
    ]);
    const rows = Object.keys(life.store.debug.dump().kvEntries);
    expect(rows.filter(key => /^v[56]\./.test(key))).to.deep.equal([]);
  });

  it('can be upgraded; one that is merely paused stays so', async () => {
    const life = await start();
    await life.call('boot', 'create', 'carol');
    await life.call('boot', 'create', 'dave');
    await life.call('boot', 'send', 'admin carol', 'suspend');
    life.controller.pauseVat('v6');
    const toCarol = await send(life, 'boot', 'send', 'carol', 'bump');
    const toDave = await send(life, 'boot', 'send', 'dave', 'bump');
    expect(await life.call('boot', 'upgrade', 'carol', 'mended')).to.deep.equal({
      incarnationNumber: 1,
    });
    expect(life.resultOf(toCarol)).to.deep.equal([1, 1]);
    expect(await life.call('boot', 'upgrade', 'dave', 'mended')).to.deep.equal({
      incarnationNumber: 1,
    });
    expect(suspensionOf(life, 'v6')).to.include({ suspended: false, paused: true, waiting: 1 });
    life.controller.unpauseVat('v6');
    await life.run();
    expect(life.resultOf(toDave)).to.deep.equal([1, 1]);
  });

  it("stays suspended if it is upgraded to code that can't start", async () => {
    const life = await start();
    await life.call('boot', 'create', 'carol');
    await life.controller.suspendVat('v5');
    const waiting = await send(life, 'boot', 'send', 'carol', 'bump');
    const refusal = await failureOf(
      life.call('boot', 'upgrade', 'carol', 'subject', { failInLife: 1 }),
    );
    expect(String(refusal)).to.include('vat-upgrade failure');
    expect(suspensionOf(life, 'v5')).to.include({
      suspended: true,
      paused: true,
      waiting: 1,
      error: 'Error: life 1 is one too many',
    });
    await life.reboot({ platformEpoch: 2, platformRestart: { exempt: ['boot'] } });
    expect(resultFor(life, 'v5').result, 'somebody asked for it').to.equal('suspended');
    await life.controller.resumeVat('v5');
    await life.run();
    expect(life.resultOf(waiting)).to.deep.equal([1, 1]);
  });

  it('stays out of service in a new epoch if somebody asked for that, and comes back on its platform', async () => {
    const life = await start();
    await life.call('alice', 'bump');
    await life.controller.suspendVat(alice);
    life.controller.pauseVat(bob);
    const toAlice = await send(life, 'alice', 'bump');
    const toBob = await send(life, 'bob', 'bump');
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, alice)).to.include({
      result: 'suspended',
      error: undefined,
      incarnation: 1,
    });
    expect(resultFor(life, bob)).to.include({ result: 'restarted', incarnation: 1 });
    expect(suspensionOf(life, alice)).to.include({ suspended: true, paused: true, waiting: 1 });
    expect(suspensionOf(life, bob)).to.include({ suspended: false, paused: true, waiting: 1 });
    expect(life.controller.getEpochLedger().at(-1)).to.include({
      restarted: 3,
      suspended: 1,
      failed: 0,
    });
    await life.controller.resumeVat(alice);
    life.controller.unpauseVat(bob);
    await life.run();
    expect(life.resultOf(toAlice)).to.deep.equal([1, 2]);
    expect(life.resultOf(toBob)).to.deep.equal([1, 1]);
    expect(await life.call('alice', 'lives')).to.equal(2);
  });

  it('stays out of service also if it had failed before somebody asked for that', async () => {
    const life = await start('local', makeConfig({ alice: { failInLife: 1 } }));
    await life.reboot({ platformEpoch: 2 });
    await life.controller.suspendVat(alice);
    expect(suspensionOf(life, alice)).to.include({ suspended: true, error: undefined });
    await life.reboot({ platformEpoch: 3 });
    expect(resultFor(life, alice)).to.include({ result: 'suspended', error: undefined });
    const refusal = await failureOf(life.controller.resumeVat(alice));
    expect(refusal).to.be.instanceOf(VatStateError);
    expect(String(refusal)).to.include('v3 could not start: Error: life 1 is one too many');
    await life.reboot({ platformEpoch: 4 });
    expect(resultFor(life, alice), 'it was to come back, and could not').to.include({
      result: 'suspended',
      error: 'Error: life 1 is one too many',
    });
  });

  it('that was never started waits for its first start', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.controller.suspendVat(alice);
    life.controller.pauseVat(bob);
    await life.run();
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, bob).result).to.equal('unstarted');
    await life.controller.resumeVat(alice);
    life.controller.unpauseVat(bob);
    expect(await life.call('alice', 'bump')).to.deep.equal([1, 1]);
    expect(await life.call('bob', 'bump')).to.deep.equal([1, 1]);
    expect(await life.call('alice', 'lives')).to.equal(1);
  });

  it("that is critical and can't start again stops the kernel", async () => {
    const config = makeConfig({ alice: { failInLife: 1 }, critical: ['alice'] });
    const life = await startLife({ config, worker: 'local', platformEpoch: 1, checkAtEnd: false });
    await life.run();
    await life.controller.suspendVat(alice);
    const failure = await failureOf(life.controller.resumeVat(alice));
    expect(failure).to.be.instanceOf(KernelPanicError);
    expect((failure as Error).cause).to.be.instanceOf(CriticalVatError);
  });
});

describe('the controller', () => {
  it('refuses to suspend, pause or resume what is not there, and runs on', async () => {
    const life = await start();
    const { controller } = life;
    for (const method of ['suspendVat', 'resumeVat'] as const) {
      expect(await failureOf(controller[method]('v99')), method).to.be.instanceOf(VatStateError);
      expect(await failureOf(controller[method]('alice')), method).to.be.instanceOf(
        BadIdentifierError,
      );
    }
    for (const method of ['pauseVat', 'unpauseVat'] as const) {
      expect(() => controller[method]('v99'), method).to.throw(VatStateError, 'v99 does not exist');
    }
    expect(await life.call('alice', 'bump')).to.deep.equal([1, 1]);
  });
});
