import { expect } from 'chai';
import { buildVatController } from '../../lib/controller/build-vat-controller.js';
import { bundleFile } from '../../lib/controller/bundling.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { KernelBusyError, KernelPanicError } from '../../lib/kernel/delivery/errors.js';
import { kser } from '../../lib/kernel/delivery/kmarshal.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import {
  answerOf,
  ask,
  errorOf,
  fixture,
  makeConfig,
  makeSwingset,
  silent,
  withoutSystemVats,
  workerTypes,
} from './support.js';

for (const worker of workerTypes) {
  describe(`a controller whose vats run in ${worker} workers`, () => {
    it('bootstraps with parameters, argv, vats and devices', async () => {
      const config = makeConfig(worker);
      config.vats!.bootstrap!.parameters = { colour: 'red' };
      const { controller } = await makeSwingset(config, ['one', 'two']);
      expect(controller.kpStatus(controller.bootstrapResult!)).to.equal('unresolved');
      expect(await controller.run()).to.be.greaterThan(3);
      expect(answerOf(controller, controller.bootstrapResult!)).to.deep.equal({
        state: 'fulfilled',
        value: {
          parameters: { argv: ['one', 'two'], colour: 'red' },
          vats: ['bootstrap', 'counter', 'vatAdmin'],
          devices: ['vatAdmin'],
        },
      });
      expect(await controller.run()).to.equal(0);
      expect(controller.getStatus().activeVats.map(({ id, options }) => [id, options.name])).to.eql(
        [
          ['v1', 'bootstrap'],
          ['v2', 'vatAdmin'],
          ['v3', 'counter'],
        ],
      );
      await controller.shutdown();
    });

    it('answers with values and with errors', async () => {
      const { controller } = await makeSwingset(makeConfig(worker));
      await controller.run();
      expect(await ask(controller, 'counter', 'echo', 7n)).to.deep.equal({
        state: 'fulfilled',
        value: 7n,
      });
      const failed = await ask(controller, 'counter', 'fail', 'on purpose');
      expect(failed.state).to.equal('rejected');
      expect((failed.value as Error).message).to.equal('on purpose');
      expect(controller.kpStatus('kp999')).to.equal('unknown');
      await controller.shutdown();
    });

    it('creates, upgrades and terminates dynamic vats', async () => {
      const { controller } = await makeSwingset(makeConfig(worker));
      await controller.run();
      const call = (...args: unknown[]) => ask(controller, 'bootstrap', 'call', 'a', ...args);
      const options = { name: 'dynamo', vatParameters: { n: 1 } };
      await ask(controller, 'bootstrap', 'create', 'a', 'counter', options);
      expect((await call('increment', 5)).value).to.deep.equal({ heap: 5, total: 5 });
      expect((await call('getParameters')).value).to.deep.equal({ n: 1 });

      const v2 = await bundleFile(fixture('counter-v2'), 'spec');
      const bundleID = await controller.validateAndInstallBundle(v2);
      const upgrade = { vatParameters: { n: 2 } };
      expect((await ask(controller, 'bootstrap', 'upgrade', 'a', bundleID, upgrade)).value).to.eql({
        incarnationNumber: 1,
      });
      expect((await call('read')).value).to.deep.equal({ total: 5, parameters: { n: 2 } });

      const done = controller.queueToVatRoot('bootstrap', 'whenDone', ['a']);
      await ask(controller, 'bootstrap', 'terminate', 'a', 'enough');
      const { state, value } = answerOf(controller, done);
      expect([state, (value as Error).message]).to.deep.equal(['rejected', 'enough']);
      expect((await call('read')).state).to.equal('rejected');
      await controller.shutdown();
    });

    it('upgrades static vats, and keeps the old incarnation when the new one fails', async () => {
      const { controller } = await makeSwingset(makeConfig(worker));
      await controller.run();
      await ask(controller, 'counter', 'increment', 3);
      const install = async (name: string) =>
        controller.validateAndInstallBundle(await bundleFile(fixture(name), 'spec'));
      const upgrade = async (bundleID: string) => {
        const parameters = { vatParameters: { v: 2 } };
        const kpid = controller.upgradeStaticVat('counter', false, bundleID, parameters);
        await controller.run();
        return answerOf(controller, kpid);
      };
      const failed = await upgrade(await install('broken'));
      expect(failed.state).to.equal('rejected');
      expect((failed.value as Error).message).to.match(/vat-upgrade failure/);
      expect((await ask(controller, 'counter', 'increment')).value).to.eql({ heap: 4, total: 4 });

      expect(await upgrade(await install('counter-v2'))).to.deep.equal({
        state: 'fulfilled',
        value: { incarnationNumber: 1 },
      });
      expect((await ask(controller, 'counter', 'read')).value).to.deep.equal({
        total: 4,
        parameters: { v: 2 },
      });
      await controller.shutdown();
    });

    it('goes on from the store with either call shape, and replays to the same heap', async () => {
      const { controller, kernelStorage } = await makeSwingset(makeConfig(worker));
      await controller.run();
      await ask(controller, 'counter', 'increment', 2);
      const before = controller.getActivityhash();
      await controller.shutdown();

      const second = await makeSwingsetController(kernelStorage, {}, { debugPrefix: 'second' });
      expect(second.getActivityhash()).to.equal(before);
      expect((await ask(second, 'counter', 'increment')).value).to.eql({ heap: 3, total: 3 });
      await second.shutdown();

      const third = await makeSwingsetController({ kernelStorage, deviceEndowments: {} });
      expect((await ask(third, 'counter', 'increment')).value).to.eql({ heap: 4, total: 4 });
      await third.shutdown();
    });

    it('reaps and snapshots all vats', async () => {
      const config = { ...makeConfig(worker), defaultReapInterval: 1 };
      const { controller } = await makeSwingset(config);
      await controller.run();
      const positions = controller.reapAllVats();
      expect(Object.keys(positions)).to.deep.equal(['v1', 'v2', 'v3']);
      expect(await controller.run()).to.equal(3);
      expect(controller.reapAllVats(positions)).to.deep.equal(positions);
      expect(await controller.run()).to.equal(0);
      const taken = await controller.snapshotAllVats();
      expect(taken).to.deep.equal(worker === 'xsnap' ? ['v1', 'v2', 'v3'] : []);
      expect(await controller.snapshotAllVats()).to.deep.equal([]);
      await controller.shutdown();
    });
  });
}

describe('a controller', () => {
  it('steps one crank at a time, to the same hash as run', async () => {
    const [stepped, run] = [
      await makeSwingset(makeConfig('local')),
      await makeSwingset(makeConfig('local')),
    ];
    let steps = 0;
    while ((await stepped.controller.step()) === 1) steps += 1;
    expect(await run.controller.run()).to.equal(steps);
    expect(stepped.controller.getActivityhash()).to.equal(run.controller.getActivityhash());
    await Promise.all([stepped.controller.shutdown(), run.controller.shutdown()]);
  });

  it('hands nothing to the export callback while it is being made', async () => {
    const heard: string[] = [];
    const store = initSwingStore(null, {
      exportCallback: updates => void heard.push(...updates.map(([key]) => key)),
    });
    const { kernelStorage, hostStorage } = store;
    const options = { kernelStorage, console: silent, ...withoutSystemVats, platformEpoch: 1 };
    const first = await buildVatController(makeConfig('local'), [], options);
    await first.run();
    await hostStorage.commit();
    await first.shutdown();
    heard.length = 0;

    const bag = { kernelStorage, platformEpoch: 2, console: silent };
    const second = await makeSwingsetController(bag);
    expect(second.getPlatformRestartReport()?.vats).to.have.length(3);
    expect(heard).to.deep.equal([]);
    await hostStorage.commit();
    expect(heard).to.include.members(['kv.crankNumber', 'transcript.v1.current']);
    await second.shutdown();
  });

  it('goes on with a store that is initialized, without the configuration', async () => {
    const { controller, kernelStorage } = await makeSwingset(makeConfig('local'));
    await controller.run();
    await controller.shutdown();
    const again = await buildVatController({}, [], { kernelStorage, console: silent });
    expect(again.bootstrapResult).to.equal(undefined);
    expect(again.vatNameToID('counter')).to.equal('v3');
    await again.shutdown();
  });

  it('stops when the run policy says so', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    const go = () => true;
    const policy = { vatCreated: go, crankComplete: () => false, crankFailed: go, emptyCrank: go };
    const first = await controller.run(policy);
    expect(first).to.be.greaterThan(0);
    expect(await controller.run()).to.be.greaterThan(0);
    await controller.shutdown();
  });

  it('panics when a message of policy panic is rejected, and stays stopped', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    await controller.run();
    controller.queueToVatRoot('counter', 'fail', ['fatal'], 'panic');
    const error = await errorOf(() => controller.run());
    expect(error).to.be.instanceOf(KernelPanicError);
    expect(error.message).to.contain('fatal');
    expect(await errorOf(() => controller.run())).to.equal(error);
    await controller.shutdown();
  });

  it('refuses calls that would run into each other', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    const running = controller.run();
    const busy = await errorOf(() => controller.run());
    expect(busy).to.be.instanceOf(KernelBusyError);
    expect(busy.message).to.contain('controller.run');
    expect(() => controller.queueToVatRoot('counter', 'increment')).to.throw(KernelBusyError);
    expect(() => controller.reapAllVats()).to.throw(KernelBusyError);
    expect(controller.getStats().vats).to.be.a('number');
    expect(await running).to.be.greaterThan(3);
    expect((await ask(controller, 'counter', 'increment')).state).to.equal('fulfilled');
    await controller.shutdown();
    expect((await errorOf(() => controller.run())).code).to.equal('KERNEL_NOT_RUNNING');
  });

  it('answers while another call is at work, but not in the midst of a crank', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    await controller.run();
    const kpid = controller.queueToVatRoot('counter', 'increment');
    const vatID = controller.vatNameToID('counter');
    const root = controller.getRootObject(vatID);
    const heard: unknown[] = [];
    const ask = () => {
      heard.push(controller.getRootObject(vatID));
      if (controller.kpStatus(kpid) !== 'fulfilled') return true;
      heard.push(answerOf(controller, kpid).value);
      return false;
    };
    await controller.run({
      vatCreated: ask,
      crankComplete: ask,
      crankFailed: ask,
      emptyCrank: ask,
    });
    expect(new Set(heard.slice(0, -1))).to.deep.equal(new Set([root]));
    expect(heard.at(-1)).to.deep.equal({ heap: 1, total: 1 });

    const bundle = await bundleFile(fixture('counter-v2'), 'spec');
    const installing = controller.validateAndInstallBundle(bundle);
    expect(controller.getRootObject(vatID)).to.equal(root);
    await installing;
    await controller.shutdown();
  });

  it('installs nothing once it has shut down', async () => {
    const { controller, kernelStorage } = await makeSwingset(makeConfig('local'));
    await controller.run();
    const bundle = await bundleFile(fixture('counter-v2'), 'spec');
    const installing = errorOf(() => controller.validateAndInstallBundle(bundle));
    await controller.shutdown();
    expect((await installing).code).to.equal('KERNEL_NOT_RUNNING');
    const { endoZipBase64Sha512: hash } = bundle as unknown as { endoZipBase64Sha512: string };
    expect(kernelStorage.bundleStore.hasBundle(`b1-${hash}`)).to.equal(false);
  });

  it('names the method that is refused', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    const running = controller.run();
    const vatID = controller.vatNameToID('counter');
    for (const method of ['suspendVat', 'resumeVat', 'pauseVat', 'snapshotAllVats'] as const) {
      const error = await errorOf(async () => controller[method](vatID));
      expect(error.message).to.include(`controller.${method}`);
    }
    await running;
    await controller.shutdown();
  });

  it('reaches devices with endowments and parameters', async () => {
    const { controller } = await makeSwingset(
      {
        bootstrap: 'user',
        defaultManagerType: 'local',
        vats: { user: { sourceSpec: fixture('device-user') } },
        devices: { adder: { sourceSpec: fixture('device-adder'), parameters: { offset: 100 } } },
      },
      [],
      { deviceEndowments: { adder: { addend: 10 } } },
    );
    await controller.run();
    expect(answerOf(controller, controller.bootstrapResult!)).to.eql({
      state: 'fulfilled',
      value: 111,
    });
    expect(controller.deviceNameToID('adder')).to.equal('d7');
    await controller.shutdown();
  });

  it('writes a structured log with times, and durations of the host', async () => {
    const entries: SlogEntry[] = [];
    const { controller } = await makeSwingset(makeConfig('local'), [], {
      slogSender: entry => entries.push(entry),
    });
    await controller.run();
    const types = new Set(entries.map(({ type }) => type));
    expect([...types]).to.include.members(['crank-start', 'deliver', 'syscall', 'crank-finish']);
    entries.length = 0;
    controller.writeSlogObject({ type: 'mine', n: 1 });
    const result = await controller.slogDuration(
      ['work-start', 'work-finish'],
      { a: 1 },
      finish => {
        finish({ b: 2 });
        return 'done';
      },
    );
    expect(result).to.equal('done');
    expect(entries.map(({ time: _t, monotime: _m, seconds: _s, ...entry }) => entry)).to.deep.equal(
      [
        { type: 'mine', n: 1 },
        { type: 'work-start', a: 1 },
        { type: 'work-finish', a: 1, b: 2 },
      ],
    );
    for (const { time, monotime } of entries) {
      expect([typeof time, typeof monotime]).to.deep.equal(['number', 'number']);
    }
    expect(entries[2]?.seconds).to.be.a('number');
    await controller.shutdown();
  });

  it('collects the lines of testLog and of the host', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    await controller.run();
    controller.log('from the host');
    expect(controller.dump().log.at(-1)).to.equal('from the host');
    expect(controller.dump().log[0]).to.match(/^bootstrap/);
    await controller.shutdown();
  });

  it('changes kernel options, and ends vats by ID', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    await controller.run();
    controller.changeKernelOptions({ snapshotInterval: 10, defaultReapInterval: 5 });
    expect(() => controller.changeKernelOptions({ snapshotIntervall: 10 })).to.throw(
      /snapshotIntervall/,
    );
    const kref = controller.pinVatRoot('counter');
    expect(kref).to.match(/^ko\d+$/);
    controller.terminateVat(controller.vatNameToID('counter'), kser(Error('gone')));
    await controller.run();
    expect(controller.getStatus().activeVats.map(({ id }) => id)).to.deep.equal(['v1', 'v2']);
    expect(() => controller.queueToVatRoot('counter', 'increment')).to.throw(/counter/);
    await controller.shutdown();
  });

  it('injects once, and when it is told to, what an upgrade of the store left to do', async () => {
    const { controller, kernelStorage } = await makeSwingset(makeConfig('local'));
    await controller.run();
    const vatID = controller.vatNameToID('counter');
    const event = { type: 'changeVatOptions', vatID, options: { reapInterval: 7 } };
    kernelStorage.kvStore.set('upgradeEvents', JSON.stringify([event]));
    expect(await controller.run()).to.equal(0);
    controller.injectQueuedUpgradeEvents();
    expect(await controller.run()).to.be.greaterThan(1);
    const { options } = controller.getStatus().activeVats.find(({ id }) => id === vatID) ?? {};
    expect(options?.reapDirtThreshold).to.include({ deliveries: 7 });
    controller.injectQueuedUpgradeEvents();
    expect(await controller.run()).to.equal(0);
    await controller.shutdown();
  });
});
