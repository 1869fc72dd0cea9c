import { expect } from 'chai';
import { readEpochLedger } from '../../lib/platform-epoch/ledger.js';
import type { PlatformRestartProgress } from '../../lib/platform-epoch/types.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { startLife, type Life } from '../support/swingset.js';
import { disconnection, hashTables, makeConfig, resultFor, vatIDs } from './support/fixture.js';
import { engineWorkers } from '../support/workers.js';

const { alice, bob } = vatIDs;

for (const worker of engineWorkers) {
  describe(`a restart for a platform epoch, on ${worker}`, () => {
    const firstLife = async (
      options: Parameters<typeof startLife>[0] = { config: makeConfig() },
    ) => {
      const life = await startLife({ worker, platformEpoch: 'one', ...options });
      await life.run();
      return life;
    };

    it('ends RAM, promises and ephemeral objects, and keeps all that is durable', async () => {
      const life = await firstLife();
      const { controller } = life;
      expect(await life.call('alice', 'bump')).to.deep.equal([1, 1]);
      expect(await life.call('alice', 'bump')).to.deep.equal([2, 2]);
      const inFlight = controller.queueToVatRoot('alice', 'never');
      await life.call('boot', 'introduce', 'alice', 'getThing', 'bob', 'thing');
      await life.call('boot', 'introduce', 'alice', 'getEphemeral', 'bob', 'ephemeral');
      expect(await life.call('bob', 'use', 'thing')).to.equal('thing used 1');
      expect(await life.call('bob', 'use', 'ephemeral')).to.equal('ephemeral used');

      await life.reboot({ platformEpoch: 'two', platformRestart: { exempt: ['bob'] } });
      expect(life.controller.kpStatus(inFlight)).to.equal('rejected');
      expect(() => life.resultOf(inFlight)).to.throw();
      try {
        life.resultOf(inFlight);
      } catch (reason) {
        expect(reason).to.deep.equal(disconnection('two', 0));
      }
      expect(await life.call('alice', 'lives')).to.equal(2);
      expect(await life.call('alice', 'bump')).to.deep.equal([1, 3]);
      expect(await life.call('bob', 'use', 'thing')).to.equal('thing used 2');
      let refusal: unknown;
      await life.call('bob', 'use', 'ephemeral').catch((error: unknown) => {
        refusal = error;
      });
      expect(String(refusal)).to.include('vat terminated');
      expect(await life.call('boot', 'counts'), 'bootstraps and lives of boot').to.deep.equal([
        1, 2,
      ]);
    });

    it('is the baseline, nothing, or a restart, as the ledger says', async () => {
      const life = await firstLife();
      expect(life.controller.getPlatformEpoch()).to.equal('one');
      expect(life.controller.getPlatformRestartReport()).to.equal(undefined);
      await life.hostStorage.commit();
      const before = hashTables(life.store);

      await life.reboot({ platformEpoch: 'one' });
      expect(hashTables(life.store), 'the same epoch again').to.deep.equal(before);
      await life.reboot();
      expect(hashTables(life.store), 'no epoch').to.deep.equal(before);
      expect(life.controller.getPlatformRestartReport()).to.equal(undefined);

      await life.reboot({ platformEpoch: 'two' });
      const once = hashTables(life.store);
      const activityhash = life.controller.getActivityhash();
      expect(once['kvStore']).not.to.equal(before['kvStore']);
      await life.reboot({ platformEpoch: 'two' });
      expect(hashTables(life.store), 'restarted once').to.deep.equal(once);
      expect(life.controller.getActivityhash()).to.equal(activityhash);
      expect(life.controller.getPlatformRestartReport()).to.equal(undefined);

      const ledger = life.controller.getEpochLedger();
      expect(ledger).to.deep.equal(readEpochLedger(life.kernelStorage));
      expect(ledger.map(({ epoch, status }) => [epoch, status])).to.deep.equal([
        ['one', 'baseline'],
        ['two', 'complete'],
      ]);
      expect(ledger[1]).to.deep.include({
        kind: 'name',
        options: { mode: 'eager', onVatFailure: 'suspend', exempt: [] },
        restarted: 4,
        suspended: 0,
        failed: 0,
        fingerprint: ledger[0]?.fingerprint,
      });
      expect(ledger[1]?.startedAtCrank).to.be.greaterThan(0);
    });

    it('delivers what was queued before to the new incarnation, in order', async () => {
      const life = await firstLife();
      const { controller } = life;
      const kpids = [1, 2, 3].map(() => controller.queueToVatRoot('alice', 'bump'));
      controller.queueToVatRoot('alice', 'write', ['first']);
      controller.queueToVatRoot('alice', 'write', ['second']);
      await life.reboot({ platformEpoch: 'two' });
      expect(kpids.map(kpid => life.controller.kpStatus(kpid))).to.deep.equal(
        Array(3).fill('unresolved'),
      );
      await life.run();
      expect(kpids.map(kpid => life.resultOf(kpid))).to.deep.equal([
        [1, 1],
        [2, 2],
        [3, 3],
      ]);
      expect(await life.call('alice', 'lives')).to.equal(2);
      expect(await life.call('alice', 'read')).to.deep.equal(['first', 'second']);
    });

    it('reports, tells the progress, and writes to the slog, in the order of vatIDs', async () => {
      const life = await firstLife();
      await life.call('boot', 'create', 'carol');
      life.controller.queueToVatRoot('alice', 'never');
      await life.call('boot', 'introduce', 'alice', 'getEphemeral', 'bob', 'ephemeral');
      life.slog.length = 0;
      const told: PlatformRestartProgress[] = [];
      await life.reboot({
        platformEpoch: 'two',
        platformRestart: { onRestartProgress: each => void told.push(each) },
      });

      const report = life.controller.getPlatformRestartReport();
      expect(report).to.include({ from: 'one', to: 'two', decision: 'advance', mode: 'eager' });
      const order = ['v1', 'v2', 'v3', 'v4', 'v5'];
      expect(report?.vats.map(({ vatID, name, result }) => [vatID, name, result])).to.deep.equal([
        ['v1', 'boot', 'restarted'],
        ['v2', 'vatAdmin', 'restarted'],
        ['v3', 'alice', 'restarted'],
        ['v4', 'bob', 'restarted'],
        ['v5', 'carol', 'restarted'],
      ]);
      const found = resultFor(life, alice);
      expect(found).to.include({
        incarnation: 1,
        promisesRejected: 1,
        objectsAbandoned: 1,
        error: undefined,
      });
      expect(found.ms).to.be.greaterThan(0);
      if (worker === 'xsnap') expect(found.computrons).to.be.greaterThan(10_000);
      else expect(found.computrons).to.equal(undefined);
      expect(resultFor(life, bob)).to.include({ promisesRejected: 0, objectsAbandoned: 0 });
      expect(resultFor(life, bob).importsReclaimed, 'the ephemeral object').to.be.greaterThan(0);

      expect(told[0]).to.deep.equal({ phase: 'start', index: 0, total: 5 });
      expect(told.at(-1)).to.deep.equal({ phase: 'finish', index: 5, total: 5 });
      expect(
        told.slice(1, -1).map(({ phase, index, total, vatID }) => [phase, index, total, vatID]),
      ).to.deep.equal(
        order.flatMap((vatID, index) => [
          ['turn', index, 5, vatID],
          ['vat', index + 1, 5, vatID],
        ]),
      );
      expect(told[6]).to.include({ name: 'alice', result: 'restarted', ms: found.ms });

      const entries = life.slog.filter(({ type }) => type.startsWith('epoch-restart'));
      expect(entries.map(({ type, vatID }) => [type, vatID])).to.deep.equal([
        ['epoch-restart-start', undefined],
        ...order.map(vatID => ['epoch-restart-vat', vatID]),
        ['epoch-restart-finish', undefined],
      ]);
      const starts = life.slog.filter(
        ({ type, dispatch }) => type === 'deliver' && dispatch === 'startVat',
      );
      expect(starts.map(({ vatID }) => vatID)).to.deep.equal(order);
    });

    it('comes to the same on two replicas', async () => {
      const replica = async () => {
        const life = await firstLife();
        await life.call('boot', 'create', 'carol');
        life.controller.queueToVatRoot('alice', 'never');
        await life.call('boot', 'introduce', 'alice', 'getEphemeral', 'bob', 'ephemeral');
        await life.call('boot', 'introduce', 'alice', 'getThing', 'carol', 'thing');
        life.controller.queueToVatRoot('bob', 'bump');
        await life.reboot({ platformEpoch: 'two' });
        const afterBoot = life.controller.getActivityhash();
        await life.run();
        const hashes = [afterBoot, life.controller.getActivityhash()];
        const tables = hashTables(life.store, { withoutLocal: true });
        await life.close();
        return { hashes, tables };
      };
      expect(await replica()).to.deep.equal(await replica());
    });
  });
}

describe('makeSwingsetController with a new epoch', () => {
  const restarted = async (boot: (life: Life) => ReturnType<typeof makeSwingsetController>) => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    await life.controller.shutdown();
    const controller = await boot(life);
    expect(controller.getPlatformRestartReport()?.vats.map(({ result }) => result)).to.deep.equal(
      Array(4).fill('restarted'),
    );
    await controller.shutdown();
    return controller.getActivityhash();
  };

  it('restarts in both call shapes alike', async () => {
    const inBag = await restarted(({ kernelStorage }) =>
      makeSwingsetController({ kernelStorage, platformEpoch: 2 }),
    );
    const inTurn = await restarted(({ kernelStorage }) =>
      makeSwingsetController(kernelStorage, {}, { platformEpoch: 2 }),
    );
    expect(inBag).to.equal(inTurn);
  });

  const refused: [string, Parameters<Life['reboot']>[0], RegExp][] = [
    ['an earlier number', { platformEpoch: 1 }, /platformEpoch 1 is older than 2/],
    ['a name after a number', { platformEpoch: 'two' }, /"two" is a string, but this store has/],
    [
      'an advance that is not allowed',
      { platformEpoch: 3, platformRestart: { allow: false } },
      /would restart every vat, and platformRestart.allow is false/,
    ],
    [
      'an exempt vat that does not exist',
      { platformEpoch: 3, platformRestart: { exempt: ['carol'] } },
      /platformRestart\.exempt: expected the name or vatID of a live vat, got "carol"/,
    ],
    ['a fraction', { platformEpoch: 2.5 }, /non-negative safe integer, got 2\.5/],
    ['an empty name', { platformEpoch: '' }, /non-empty name/],
  ];
  it("refuses what it can't do and writes nothing", async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    await life.reboot({ platformEpoch: 2 });
    await life.controller.shutdown();
    await life.hostStorage.commit();
    const before = hashTables(life.store);
    for (const [what, options, message] of refused) {
      const { kernelStorage } = life;
      let refusal: unknown;
      await makeSwingsetController({ kernelStorage, ...options }).catch((error: unknown) => {
        refusal = error;
      });
      expect(String(refusal), what).to.match(message);
      expect(hashTables(life.store), what).to.deep.equal(before);
    }
  });

  it('changes from numbers to names when told so', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 7 });
    await life.run();
    await life.reboot({ platformEpoch: 'eight', platformEpochKindChange: true });
    expect(life.controller.getEpochLedger().map(({ epoch, kind }) => [epoch, kind])).to.deep.equal([
      [7, 'number'],
      ['eight', 'name'],
    ]);
  });

  it('restarts the vats of a store that is older than epochs', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local' });
    await life.run();
    expect(life.controller.getPlatformEpoch()).to.equal(undefined);
    expect(readEpochLedger(life.kernelStorage)).to.deep.equal([]);
    await life.reboot({ platformEpoch: 'first' });
    expect(life.controller.getPlatformRestartReport()).to.include({ from: undefined, to: 'first' });
    expect(await life.call('alice', 'lives')).to.equal(2);
  });

  it('records a baseline where no vat has run yet', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local' });
    await life.reboot({ platformEpoch: 'first' });
    expect(life.controller.getPlatformRestartReport()).to.equal(undefined);
    expect(life.controller.getEpochLedger().map(({ status }) => status)).to.deep.equal([
      'baseline',
    ]);
    await life.run();
    expect(await life.call('alice', 'lives')).to.equal(1);
  });

  it('is not stopped by answers that are not to be rejected, and logs them', async () => {
    const life = await startLife({
      config: { ...makeConfig({ bob: { failInLife: 1 } }), bootstrap: 'alice' },
      worker: 'local',
      platformEpoch: 1,
    });
    for (const name of ['bob', 'boot']) life.controller.pinVatRoot(name);
    await life.run();
    const ask = (name: string) => life.controller.queueToVatRoot(name, 'never', [], 'panic');
    const toAlice = ask('alice');
    const toBob = ask('bob');
    const toBoot = ask('boot');
    await life.run();
    const logged = (kpid: string | undefined) =>
      life.console.filter(line => line.startsWith(`${kpid} rejected: `)).length;
    await life.controller.suspendVat(life.controller.vatNameToID('boot'));
    expect(logged(toBoot)).to.equal(1);
    expect(life.controller.kpStatus(life.bootstrapResult ?? '')).to.equal('unresolved');
    await life.reboot({ platformEpoch: 2, platformRestart: { onVatFailure: 'terminate' } });
    for (const kpid of [life.bootstrapResult, toAlice, toBob]) {
      expect(life.controller.kpStatus(kpid ?? '')).to.equal('rejected');
      expect(logged(kpid)).to.be.greaterThan(0);
    }
    expect(resultFor(life, life.controller.vatNameToID('alice')).result).to.equal('restarted');
    await life.run();
    expect(await life.call('alice', 'lives')).to.equal(2);
  });

  it('leaves vats that were never started to their first start', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.reboot({ platformEpoch: 2 });
    expect(
      life.controller.getPlatformRestartReport()?.vats.map(({ result }) => result),
    ).to.deep.equal(Array(4).fill('unstarted'));
    await life.run();
    expect(await life.call('alice', 'lives')).to.equal(1);
    expect(await life.call('boot', 'counts')).to.deep.equal([1, 1]);
  });

  it('does not take the computrons of startVat from the meter of the vat', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'xsnap', platformEpoch: 1 });
    await life.run();
    await life.call('boot', 'createMetered', 'carol', 50_000_000n);
    const readMeter = async () => {
      const reading = await life.call('boot', 'send', 'meter carol', 'get');
      return (reading as { remaining: bigint }).remaining;
    };
    const paid = () =>
      life.slog
        .filter(({ type, vatID, dispatch }) => {
          const isPaidFor = dispatch === 'message' || dispatch === 'notify';
          return type === 'deliver-result' && vatID === 'v5' && isPaidFor;
        })
        .map(({ dr }) => BigInt((dr as [string, null, { compute: number }])[2].compute))
        .reduce((sum, each) => sum + each, 0n);
    const before = await readMeter();
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, 'v5').computrons).to.be.greaterThan(10_000);
    life.slog.length = 0;
    expect(await life.call('boot', 'send', 'carol', 'bump')).to.deep.equal([1, 1]);
    expect(paid() > 10_000n, 'the call is paid for').to.equal(true);
    expect(before - (await readMeter())).to.equal(paid());
  });
});
