/** Calls of a host in an order that it should not choose, but can. */
import { expect } from 'chai';
import { buildVatController } from '../../lib/controller/build-vat-controller.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { buildTimer } from '../../lib/devices/timer/timer.js';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { bundleOf } from '../support/shared-bundles.js';
import {
  answerOf,
  errorOf,
  fixture,
  makeConfig,
  makeSwingset,
  silent,
  withoutSystemVats,
} from './support.js';

const quiet = { console: silent };

describe('two controllers of one store', () => {
  it('are one at a time: the later one takes the store over', async () => {
    const { kernelStorage, controller: first } = await makeSwingset(makeConfig('local'));
    await first.run();
    const second = await makeSwingsetController(kernelStorage, {}, quiet);
    const kpid = second.queueToVatRoot('counter', 'increment', [1]);
    for (const call of [
      () => first.queueToVatRoot('counter', 'increment', [10]),
      () => first.run(),
      () => first.kpForget(kpid),
    ]) {
      expect(await errorOf(call)).to.include({ code: 'KERNEL_NOT_RUNNING' });
    }
    await second.run();
    expect(answerOf(second, kpid).value).to.deep.equal({ heap: 1, total: 1 });
    expect(checkKernelState(kernelStorage)).to.deep.equal([]);
    // The first one's workers are still its own to end.
    await first.shutdown();
    const next = second.queueToVatRoot('counter', 'increment', [1]);
    await second.run();
    expect(answerOf(second, next).value).to.deep.equal({ heap: 2, total: 2 });
    await second.shutdown();
  });

  it('leave a run that is under way alone', async () => {
    const { kernelStorage, controller } = await makeSwingset(makeConfig('local'));
    await controller.run();
    const kpids = Array.from({ length: 3000 }, () =>
      controller.queueToVatRoot('counter', 'increment', [1]),
    );
    let isRefused = false;
    const goesOn = () => !isRefused;
    const running = controller.run({
      ...{ vatCreated: goesOn, crankComplete: goesOn, crankFailed: goesOn, emptyCrank: goesOn },
    });
    const refused = await errorOf(() => makeSwingsetController(kernelStorage, {}, quiet));
    isRefused = true;
    expect(refused).to.include({ code: 'KERNEL_BUSY', operation: 'makeSwingsetController' });
    await running;
    expect(controller.kpStatus(kpids.at(-1)!), 'the run was still under way').to.equal(
      'unresolved',
    );
    expect(checkKernelState(kernelStorage)).to.deep.equal([]);
    await controller.shutdown();
  });
});

describe('input through a device', () => {
  it('is refused once its controller has ended', async () => {
    const { kernelStorage } = initSwingStore();
    const [timer, next] = [buildTimer(), buildTimer()];
    const config = makeConfig('local', { devices: { timer: { sourceSpec: timer.srcPath } } });
    const controller = await buildVatController(config, [], {
      ...{ kernelStorage, ...quiet, ...withoutSystemVats },
      deviceEndowments: { timer: timer.endowments },
    });
    await controller.run();
    expect(timer.poll(5n)).to.equal(false);
    const before = kernelStorage.getActivityhash();
    await controller.shutdown();
    expect(() => timer.poll(7n))
      .to.throw()
      .with.property('code', 'KERNEL_NOT_RUNNING');
    expect(kernelStorage.getActivityhash()).to.equal(before);
    const second = await makeSwingsetController(kernelStorage, { timer: next.endowments }, quiet);
    // The time of the late poll was not stored.
    expect(next.poll(6n)).to.equal(false);
    expect(() => timer.poll(8n))
      .to.throw()
      .with.property('code', 'KERNEL_NOT_RUNNING');
    await second.shutdown();
  });
});

describe('calls of a host', () => {
  it('install several bundles at once, in the order of the calls', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    await controller.run();
    const bundle = await bundleOf(fixture('counter-v2'));
    const bad = { ...bundle, endoZipBase64Sha512: '00'.repeat(64) };
    const [first, second, third, last] = await Promise.allSettled([
      controller.validateAndInstallBundle(bundle),
      controller.validateAndInstallBundle(bad),
      controller.validateAndInstallBundle(bundle),
      controller.run(),
    ]);
    expect(second).to.deep.include({ status: 'rejected' });
    expect(third).to.deep.equal(first);
    expect(first).to.include({ status: 'fulfilled' });
    expect(last).to.have.nested.property('reason.code', 'KERNEL_BUSY');
    // Once they are done, all else gets through.
    await controller.run();
    await controller.shutdown();
  });

  it('name methods by texts or symbols', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    await controller.run();
    for (const method of [5, undefined, null, {}, 7n] as unknown[] as string[]) {
      const error = await errorOf(() => controller.queueToVatRoot('counter', method));
      expect(error).to.include({ code: 'BAD_OPTION', field: 'method' });
    }
    expect(await controller.run()).to.equal(0);
    await controller.shutdown();
  });

  it('read the options of an upgrade once, and check all of them', async () => {
    const { controller } = await makeSwingset(makeConfig('local'));
    await controller.run();
    const bundleID = await controller.validateAndInstallBundle(
      await bundleOf(fixture('counter-v2')),
    );
    let reads = 0;
    const upgrade = controller.upgradeStaticVat('counter', false, bundleID, {
      get vatParameters() {
        reads += 1;
        return { reads };
      },
    });
    const tooLong = { upgradeMessage: 'x'.repeat(20_000_000) };
    const refused = await errorOf(() =>
      controller.upgradeStaticVat('counter', false, bundleID, tooLong),
    );
    expect(refused).to.include({ code: 'BAD_OPTION', field: 'options' });
    await controller.run();
    expect(answerOf(controller, upgrade).value).to.deep.equal({ incarnationNumber: 1 });
    expect(reads).to.equal(1);
    await controller.shutdown();
  });
});
