import { expect } from 'chai';
import { KernelPanicError } from '../../lib/kernel/delivery/errors.js';
import { WorkerDiedError } from '../../lib/workers/errors.js';
import type { LifeOptions } from '../support/swingset.js';
import { failureOf } from '../support/failure.js';
import { makeReaper } from '../workers/support/reaper.js';
import { startDemo } from './support/demo.js';

describe('a worker that dies of nothing its vat did', () => {
  const start = async (options: Partial<LifeOptions> = {}) => {
    const reaper = makeReaper('alice');
    const demo = await startDemo('xsnap', {
      store: 'directory',
      spawn: reaper.spawn,
      ...options,
    });
    return { demo, ...reaper };
  };

  it('twice in a crank is replaced, and nobody notices', async () => {
    const { demo, kill } = await start();
    const undisturbed = await startDemo('xsnap');
    await kill(1);
    for (const each of [demo, undisturbed]) {
      expect(await each.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
    }
    expect(demo.controller.getActivityhash()).to.equal(undisturbed.controller.getActivityhash());
  });

  it('three times stops the kernel with nothing kept, and the next boot goes on', async () => {
    const { demo, kill } = await start({ checkAtEnd: false });
    const before = demo.controller.getActivityhash();
    await kill(2);
    const failure = await failureOf(demo.host('send', 'alice', 'echo', 1));
    expect(failure).to.be.instanceOf(KernelPanicError);
    expect((failure as KernelPanicError).cause)
      .to.be.instanceOf(WorkerDiedError)
      .that.includes({ signal: 'SIGKILL' });
    expect(await failureOf(demo.hostStorage.commit())).to.have.property('code', 'STORE_USAGE');

    await demo.crash();
    expect(demo.controller.getActivityhash()).to.equal(before);
    expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
  });

  it('three times ends the vat, and only that, where the host says so', async () => {
    const { demo, kill } = await start({ onWorkerDeath: 'terminate' });
    await kill(2);
    expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal([
      'rejected',
      'vat terminated',
    ]);
    expect(await demo.host('send', 'bob', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
  });

  it('again and again while the vat is made fails its creation, where the host says so', async () => {
    const { spawn, kill } = makeReaper('carol');
    const demo = await startDemo('xsnap', { spawn, onWorkerDeath: 'terminate' });
    const createCarol = () => demo.host('createVat', 'carol', 'contract', { name: 'carol' });
    await kill(Infinity);
    expect(await createCarol()).to.deep.equal([
      'rejected',
      'Vat Creation Error: Error: the worker died again and again',
    ]);
    expect(demo.controller.dump()).to.deep.include({ runQueue: [], acceptanceQueue: [] });
    await kill(0);
    expect(await createCarol()).to.equal('created');
  });

  it('again and again while the vat is upgraded fails the upgrade, where the host says so', async () => {
    const { spawn, kill } = makeReaper('carol');
    const demo = await startDemo('xsnap', { spawn, onWorkerDeath: 'terminate' });
    const upgradeCarol = () => demo.host('upgrade', 'carol', 'contract');
    await demo.host('createVat', 'carol', 'contract', { name: 'carol' });
    await kill(Infinity);
    expect(await upgradeCarol()).to.deep.equal(['rejected', 'vat-upgrade failure']);
    expect(demo.console.join('\n')).to.match(
      /upgrade of vat v\d+ failed, the old incarnation goes on: .*the worker died again and again/,
    );
    await kill(0);
    expect(await demo.host('send', 'carol', 'incarnations')).to.deep.equal(['fulfilled', 1]);
    expect(await upgradeCarol()).to.deep.equal(['fulfilled', { incarnationNumber: 1 }]);
  });

  it('again and again while it restarts stops the boot, or suspends the vat', async () => {
    const { demo, kill } = await start();
    await demo.reboot({ platformEpoch: 1 });
    await kill(Infinity);
    const failure = await failureOf(demo.reboot({ platformEpoch: 2 }));
    expect(failure).to.be.instanceOf(WorkerDiedError);
    await kill(0);
    await demo.crash({ platformEpoch: 1 });
    expect(demo.controller.getEpochLedger()).to.have.length(1);

    await kill(Infinity);
    await demo.reboot({ platformEpoch: 2, onWorkerDeath: 'terminate' });
    const results = demo.controller.getPlatformRestartReport()?.vats ?? [];
    expect(
      results.filter(({ result }) => result !== 'restarted').map(({ name }) => name),
    ).to.deep.equal(['alice']);
    await kill(0);
    await demo.reboot({ platformEpoch: 3 });
    expect(await demo.call('alice', 'echo', 1)).to.deep.equal([1]);
  });
});
