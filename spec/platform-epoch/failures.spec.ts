import { once } from 'node:events';
import { expect } from 'chai';
import { CriticalRestartError, RestartFailedError } from '../../lib/platform-epoch/errors.js';
import { VatStateError } from '../../lib/kernel/delivery/errors.js';
import { StoreUsageError } from '../../lib/store/errors.js';
import { startLife, type Life } from '../support/swingset.js';
import { makeWatchedPowers } from '../workers/support/processes.js';
import {
  disconnection,
  makeConfig,
  rawVat,
  resultFor,
  suspensionOf,
  vatIDs,
} from './support/fixture.js';
import { workers } from '../support/workers.js';

const { alice, bob } = vatIDs;

/** What the promise was rejected with. */
const reasonOf = (life: Life, kpid: string): unknown => {
  try {
    life.resultOf(kpid);
  } catch (reason) {
    return reason;
  }
  throw Error(`${kpid} was fulfilled`);
};

const expectRefusal = async (resumption: Promise<void>, error: string): Promise<void> => {
  let refusal: unknown;
  await resumption.catch((reason: unknown) => {
    refusal = reason;
  });
  expect(refusal).to.be.instanceOf(VatStateError);
  expect(String(refusal)).to.equal(`VatStateError: ${alice} could not start: ${error}`);
};

/** A host's switch in the form of the device's endowment. */
const makeSwitch = () => {
  let off = false;
  return {
    endowments: { switch: { isOff: () => off } },
    set: (next: boolean) => {
      off = next;
    },
  };
};

for (const worker of workers) {
  describe(`a vat that can't start for a new epoch, on ${worker}`, () => {
    it('is suspended, with its messages waiting until it is upgraded to mended code', async () => {
      const life = await startLife({ config: makeConfig(), worker, platformEpoch: 1 });
      await life.run();
      await life.call('boot', 'create', 'carol', { vatParameters: { failInLife: 1 } });
      const carol = 'v5';
      const inFlight = life.controller.queueToVatRoot('boot', 'introduce', [
        'carol',
        'getThing',
        'bob',
        'thing',
      ]);
      await life.run();
      life.controller.queueToVatRoot('boot', 'send', ['carol', 'write', 'before']);
      await life.reboot({ platformEpoch: 2 });
      expect(life.controller.kpStatus(inFlight)).to.equal('fulfilled');

      const { vats } = life.controller.getPlatformRestartReport() ?? { vats: [] };
      expect(vats.map(({ vatID, result }) => [vatID, result])).to.deep.equal([
        ['v1', 'restarted'],
        ['v2', 'restarted'],
        ['v3', 'restarted'],
        ['v4', 'restarted'],
        [carol, 'suspended'],
      ]);
      expect(resultFor(life, carol).error).to.include('life 1 is one too many');
      expect(resultFor(life, carol).incarnation).to.equal(1);
      // What it used before it threw, as for other vats.
      const { computrons } = resultFor(life, carol);
      if (worker === 'xsnap') expect(computrons).to.be.greaterThan(10_000);
      else expect(computrons).to.equal(undefined);
      expect(life.controller.getEpochLedger().at(-1)).to.include({
        status: 'complete',
        restarted: 4,
        suspended: 1,
        failed: 1,
      });

      await life.run();
      const second = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
      const third = life.controller.queueToVatRoot('boot', 'send', ['carol', 'write', 'after']);
      await life.run();
      expect(await life.call('alice', 'bump'), 'others run').to.deep.equal([1, 1]);
      expect(life.controller.kpStatus(second)).to.equal('unresolved');
      const status = suspensionOf(life, carol);
      expect(status).to.include({ suspended: true, paused: true, waiting: 3 });
      expect(status?.error).to.include('life 1 is one too many');
      expect(status?.sinceCrank).to.be.greaterThan(0);

      await life.reboot();
      expect(suspensionOf(life, carol), 'after another boot').to.deep.equal(status);
      expect(life.console.join('\n')).not.to.include('PANIC');

      const upgraded = life.controller.queueToVatRoot('boot', 'upgrade', ['carol', 'mended']);
      await life.run();
      expect(life.resultOf(upgraded)).to.deep.equal({ incarnationNumber: 1 });
      expect(suspensionOf(life, carol)).to.equal(undefined);
      const deliveries = life.slog
        .filter(({ type, vatID }) => type === 'deliver' && vatID === carol)
        .map(({ kd }) => kd as [string, string, { methargs: { body: string } }])
        .filter(([type]) => type === 'message')
        .map(([, , { methargs }]) => methargs.body)
        .slice(-3);
      expect(deliveries).to.deep.equal([
        '#["write",["before"]]',
        '#["bump",[]]',
        '#["write",["after"]]',
      ]);
      expect(await life.call('boot', 'send', 'carol', 'read')).to.deep.equal(['before', 'after']);
      expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(2);
      expect(life.resultOf(second)).to.deep.equal([1, 1]);
      expect(life.resultOf(third)).to.equal(undefined);
    });

    it('comes back with resumeVat when the cause is gone', async () => {
      const { endowments, set } = makeSwitch();
      const life = await startLife({
        config: makeConfig({ withSwitch: true }),
        worker,
        platformEpoch: 1,
        deviceEndowments: endowments,
      });
      await life.run();
      const inFlight = life.controller.queueToVatRoot('alice', 'never');
      await life.run();
      set(true);
      await life.reboot({ platformEpoch: 2 });
      expect(
        life.controller.getPlatformRestartReport()?.vats.map(each => each.result),
      ).to.deep.equal(['restarted', 'restarted', 'suspended', 'suspended']);
      expect(reasonOf(life, inFlight)).to.deep.equal(disconnection(2, 0));
      const waiting = life.controller.queueToVatRoot('alice', 'bump');
      await life.run();

      await expectRefusal(life.controller.resumeVat(alice), 'Error: the switch is off');
      expect(suspensionOf(life, alice), 'while the cause is there').to.include({
        suspended: true,
        paused: true,
        waiting: 1,
        error: 'Error: the switch is off',
      });
      set(false);
      await life.controller.resumeVat(alice);
      expect(suspensionOf(life, alice)).to.equal(undefined);
      await life.run();
      expect(life.resultOf(waiting)).to.deep.equal([1, 1]);
      expect(suspensionOf(life, bob)).to.include({ suspended: true, waiting: 0 });
    });

    it('is tried again for the next epoch', async () => {
      const { endowments, set } = makeSwitch();
      const life = await startLife({
        config: makeConfig({ withSwitch: true }),
        worker,
        platformEpoch: 1,
        deviceEndowments: endowments,
      });
      await life.run();
      set(true);
      await life.reboot({ platformEpoch: 2 });
      const waiting = life.controller.queueToVatRoot('alice', 'bump');
      await life.run();
      await life.reboot({ platformEpoch: 3 });
      expect(resultFor(life, alice)).to.include({
        result: 'suspended',
        error: 'Error: the switch is off',
      });
      expect(resultFor(life, alice).incarnation, 'no life is counted that never was').to.equal(1);
      set(false);
      await life.reboot({ platformEpoch: 4 });
      expect(resultFor(life, alice)).to.include({ result: 'restarted', incarnation: 1 });
      await life.run();
      expect(life.resultOf(waiting)).to.deep.equal([1, 1]);
      expect(await life.call('alice', 'lives')).to.equal(2);
    });
  });
}

describe("a critical vat that can't start for a new epoch", () => {
  for (const [worker, onVatFailure] of [
    ['local', 'suspend'],
    ['local', 'panic'],
    ['xsnap', 'terminate'],
  ] as const) {
    it(`stops the boot on ${worker}, whatever onVatFailure is (${onVatFailure})`, async () => {
      const life = await startLife({
        config: makeConfig({
          alice: { failInLife: 1 },
          bob: { exitInLife: 1 },
          critical: ['alice', 'bob'],
        }),
        worker,
        store: 'directory',
        platformEpoch: 1,
        checkAtEnd: false,
      });
      await life.run();
      await life.call('boot', 'create', 'carol');
      const activityhash = life.controller.getActivityhash();
      let failure: unknown;
      const commits: number[] = [];
      await life
        .reboot({
          platformEpoch: 2,
          platformRestart: {
            onVatFailure,
            checkpoint: async () => {
              commits.push(1);
              await life.hostStorage.commit();
            },
          },
        })
        .catch((error: unknown) => {
          failure = error;
        });
      expect(failure).to.be.instanceOf(CriticalRestartError);
      const { failures, message } = failure as CriticalRestartError;
      expect(failures.map(({ vatID }) => vatID)).to.deep.equal([alice, bob]);
      expect(message).to.include('life 1 is one too many').and.include('enough');
      expect(commits.length, 'none before the last critical vat has started').to.equal(0);
      const carolStarted = life.slog.some(
        ({ type, vatID, result }) =>
          type === 'epoch-restart-vat' && vatID === 'v5' && result === 'restarted',
      );
      expect(carolStarted, 'the others were tried').to.equal(true);
      let refusal: unknown;
      await life.hostStorage.commit().catch((error: unknown) => {
        refusal = error;
      });
      expect(refusal).to.be.instanceOf(StoreUsageError);

      await life.crash({ platformEpoch: 1 });
      expect(life.controller.getEpochLedger().map(({ epoch }) => epoch)).to.deep.equal([1]);
      expect(life.controller.getActivityhash()).to.equal(activityhash);
    });
  }
});

describe('platformRestart', () => {
  it('onVatFailure: panic names all failures after all vats were tried', async () => {
    const life = await startLife({
      config: makeConfig({ alice: { failInLife: 1 }, bob: { exitWithFailureInLife: 1 } }),
      worker: 'local',
      store: 'directory',
      platformEpoch: 1,
      checkAtEnd: false,
    });
    await life.run();
    const activityhash = life.controller.getActivityhash();
    let failure: unknown;
    await life
      .reboot({ platformEpoch: 2, platformRestart: { onVatFailure: 'panic' } })
      .catch((error: unknown) => {
        failure = error;
      });
    expect(failure).to.be.instanceOf(RestartFailedError);
    expect((failure as RestartFailedError).failures).to.deep.equal([
      { vatID: alice, error: 'Error: life 1 is one too many' },
      { vatID: bob, error: 'not again' },
    ]);
    await life.crash();
    expect(life.controller.getActivityhash()).to.equal(activityhash);
    expect(await life.call('alice', 'lives')).to.equal(1);
  });

  it('onVatFailure: terminate ends the vat and rejects what was sent to it', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    await life.call('boot', 'create', 'carol', { vatParameters: { failInLife: 1 } });
    const queued = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
    await life.reboot({ platformEpoch: 2, platformRestart: { onVatFailure: 'terminate' } });
    expect(resultFor(life, 'v5')).to.include({
      result: 'terminated',
      error: 'Error: life 1 is one too many',
    });
    expect(life.controller.getEpochLedger().at(-1)).to.include({ suspended: 0, failed: 1 });
    await life.run();
    expect(String(reasonOf(life, queued))).to.include('vat terminated');
    expect(life.controller.getStatus().activeVats.map(({ id }) => id)).not.to.include('v5');
  });

  for (const mode of ['eager', 'lazy'] as const) {
    it(`onVatFailure: terminate does not end vat-admin (${mode})`, async () => {
      const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
      await life.run();
      const { vatAdmin } = vatIDs;
      const { kvStore } = life.kernelStorage;
      // A durable kind that nobody redefines.
      const lost = `${vatAdmin}.vs.vom.dkind.999.descriptor`;
      kvStore.set(lost, JSON.stringify({ kindID: '999', tag: 'lost', unfaceted: true }));
      const platformRestart = { mode, onVatFailure: 'terminate' } as const;
      await life.reboot({ platformEpoch: 2, platformRestart });
      const error = /lost.*; vat-admin is suspended, not terminated/;
      expect(resultFor(life, vatAdmin).result).to.equal('suspended');
      expect(resultFor(life, vatAdmin).error).to.match(error);
      const create = life.controller.queueToVatRoot('boot', 'create', ['carol']);
      await life.run();
      expect(suspensionOf(life, vatAdmin)).to.include({
        suspended: true,
        paused: true,
        waiting: 1,
      });
      expect(suspensionOf(life, vatAdmin)?.error).to.match(error);
      kvStore.delete(lost);
      await life.controller.resumeVat(vatAdmin);
      await life.run();
      expect(life.controller.kpStatus(create)).to.equal('fulfilled');
    });
  }

  it('is accepted once more by the same boot after a crash, also for vats that it ended', async () => {
    const life = await startLife({
      config: makeConfig({ alice: { failInLife: 1 } }),
      worker: 'local',
      store: 'directory',
      platformEpoch: 1,
    });
    await life.run();
    const options = {
      platformEpoch: 2,
      platformRestart: {
        onVatFailure: 'terminate',
        vatParameters: { [alice]: { failInLife: 1 } },
        checkpoint: () => life.hostStorage.commit(),
      },
    } as const;
    let failure: unknown;
    const faultPoint = (point: string) => {
      if (point === `platform-restart:before:${bob}`) throw Error('power cut');
    };
    await life.reboot({ ...options, faultPoint }).catch((error: unknown) => {
      failure = error;
    });
    expect(String(failure)).to.include('power cut');
    await life.crash(options);
    const { vats } = life.controller.getPlatformRestartReport() ?? { vats: [] };
    expect(vats.map(({ vatID, result }) => [vatID, result])).to.deep.equal([[bob, 'restarted']]);
    expect(life.controller.getEpochLedger().at(-1)).to.include({ restarted: 3, failed: 1 });
  });

  it('exempt keeps the incarnations of all vats of that name, and says so', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    await life.call('boot', 'create', 'carol');
    await life.call('alice', 'bump');
    const inFlight = life.controller.queueToVatRoot('alice', 'never');
    await life.run();
    await life.reboot({ platformEpoch: 2, platformRestart: { exempt: ['alice', 'v5'] } });
    expect(resultFor(life, alice)).to.include({ result: 'exempt', incarnation: 0 });
    expect(resultFor(life, 'v5')).to.include({ result: 'exempt', incarnation: 0 });
    expect(resultFor(life, bob)).to.include({ result: 'restarted', incarnation: 1 });
    expect(life.console.filter(line => line.includes('exempt'))).to.deep.equal([
      'platform epoch 2: v3 (alice) is exempt and is not restarted',
      'platform epoch 2: v5 (carol) is exempt and is not restarted',
    ]);
    expect(life.controller.kpStatus(inFlight)).to.equal('unresolved');
    expect(await life.call('alice', 'bump')).to.deep.equal([2, 2]);
  });

  it('exempt names no vat that calls itself like the vatID of another, or like a static vat', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    for (const [index, name] of ['v3', 'bob', 'free', 'free'].entries()) {
      await life.call('boot', 'create', `dynamic ${index}`, { name });
    }
    await life.reboot({ platformEpoch: 2, platformRestart: { exempt: ['v3', 'bob', 'free'] } });
    const { vats } = life.controller.getPlatformRestartReport() ?? { vats: [] };
    const exempt = vats.filter(({ result }) => result === 'exempt').map(({ vatID }) => vatID);
    expect(exempt).to.deep.equal([alice, bob, 'v7', 'v8']);
  });

  it('vatParameters start vats that are too old to have retained any', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    await life.call('alice', 'write', 'old');
    life.kernelStorage.kvStore.delete('v3.vatParameters');
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, alice)).to.include({
      result: 'suspended',
      error:
        'v3 is too old to have retained its vatParameters: give them in platformRestart.vatParameters.v3',
    });
    await life.reboot({
      platformEpoch: 3,
      platformRestart: { vatParameters: { [alice]: { some: 'thing' } } },
    });
    expect(resultFor(life, alice)).to.include({ result: 'restarted' });
    expect(await life.call('alice', 'read')).to.deep.equal(['old']);
    await life.reboot({ platformEpoch: 4 });
    expect(resultFor(life, alice), 'retained from now on').to.include({ result: 'restarted' });
  });

  it('holds a metered vat to the limit per crank, and takes nothing from its meter', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'xsnap', platformEpoch: 1 });
    await life.run();
    await life.call('boot', 'create', 'carol', { meter: true, vatParameters: { spinInLife: 1 } });
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, 'v5').result).to.equal('suspended');
    expect(resultFor(life, 'v5').error).to.match(/compute|meter/i);
    expect(await life.call('alice', 'lives')).to.equal(2);
  });
});

describe('a vat whose worker dies again and again while its first snapshot is made', () => {
  it('is suspended as one that could not start, if the host wants no panic', async () => {
    const config = { ...makeConfig(), snapshotInitial: 2 };
    const life = await startLife({ config, worker: 'xsnap', platformEpoch: 1 });
    await life.run();
    const { powers, started } = makeWatchedPowers();
    let deaths = 0;
    await life.reboot({
      platformEpoch: 2,
      platformRestart: { exempt: ['boot', 'vatAdmin', 'bob'] },
      onWorkerDeath: 'terminate',
      spawn: powers.spawn,
      faultPoint: async point => {
        const child = started.at(-1);
        if (point !== `platform-restart:started:${alice}` || !child) return;
        deaths += 1;
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      },
    });
    expect(deaths).to.equal(3);
    expect(resultFor(life, alice)).to.include({
      result: 'suspended',
      error: 'the worker died again and again',
      importsReclaimed: 0,
    });
    expect(suspensionOf(life, alice)).to.include({ suspended: true, paused: true });
    await life.controller.resumeVat(alice);
    expect(await life.call('alice', 'lives')).to.equal(2);
  });
});

describe('a vat whose state is all in its vatstore', () => {
  it('keeps its promises and exports, and is not started twice', async () => {
    const config = makeConfig();
    const life = await startLife({
      config: { ...config, vats: { ...config.vats, raw: rawVat } },
      worker: 'local',
      platformEpoch: 1,
    });
    await life.run();
    expect(await life.call('raw', 'add')).to.equal(1);
    const later = life.controller.queueToVatRoot('raw', 'later');
    await life.run();
    await life.reboot({ platformEpoch: 2 });
    expect(resultFor(life, 'v5')).to.include({
      name: 'raw',
      result: 'restarted',
      promisesRejected: 0,
    });
    expect(life.controller.kpStatus(later)).to.equal('unresolved');
    expect(await life.call('raw', 'add')).to.equal(2);
    expect(await life.call('raw', 'settle')).to.equal('done');
    expect(life.resultOf(later)).to.equal('settled');
    expect(await life.call('raw', 'starts')).to.equal(1);

    await life.controller.suspendVat('v5');
    const waiting = life.controller.queueToVatRoot('raw', 'add');
    await life.run();
    await life.reboot({ platformEpoch: 3 });
    expect(resultFor(life, 'v5').result).to.equal('suspended');
    await life.controller.resumeVat('v5');
    await life.run();
    expect(life.resultOf(waiting)).to.equal(3);
    expect(await life.call('raw', 'starts')).to.equal(1);
  });
});
