import { expect } from 'chai';
import { WorkerDiedError } from '../../lib/workers/errors.js';
import { XsnapNotBuiltError } from '../../lib/platform/errors.js';
import { failureOf } from '../support/failure.js';
import { call, startVat, useFixtures, v1 } from './support/fixture.js';
import { makeWatchedPowers } from './support/processes.js';
import { openStore } from './support/store.js';

describe('the death of a worker', () => {
  const makeFixture = useFixtures();

  it('in the midst of a delivery is told apart from a fault, and the vat recovers', async () => {
    const { kernelStorage } = openStore();
    const { powers, started } = makeWatchedPowers();
    const { warehouse, addVat, deliver, kernelOf, transcript } = await makeFixture({
      kernelStorage,
      powers,
    });
    await addVat();
    await deliver(startVat({ start: 5 }));
    const vatstore = new Map(kernelOf().vatstore);
    let killed = false;
    const failure = await failureOf(
      warehouse.deliver(v1, call('increment'), syscall => {
        if (!killed) killed = started.at(-1)?.kill('SIGKILL') ?? false;
        return kernelOf().handle(syscall);
      }),
    );
    expect(killed).to.equal(true);
    expect(failure).to.be.instanceOf(WorkerDiedError).that.includes({
      code: 'WORKER_DIED',
      vatID: v1,
      signal: 'SIGKILL',
    });
    expect(transcript()).to.have.length(2);
    expect(warehouse.isOnline(v1)).to.equal(false);

    // What a kernel does: undo the crank, then try again.
    kernelOf().vatstore.clear();
    for (const [key, value] of vatstore) kernelOf().vatstore.set(key, value);
    await warehouse.stopWorker(v1);
    expect(await deliver(call('increment'))).to.have.property('0', 'ok');
    expect(kernelOf().resolution()).to.deep.equal([1, 6]);
    expect(started).to.have.length(2);
  });

  it('in the midst of a computation is noticed', async () => {
    const { kernelStorage } = openStore();
    const { powers, started } = makeWatchedPowers();
    const { addVat, deliver } = await makeFixture({
      kernelStorage,
      powers,
      onTestLog: () => started.at(-1)?.kill('SIGTERM'),
    });
    await addVat({ bundle: 'exhauster' });
    await deliver(startVat());
    expect(await failureOf(deliver(call('compute'))))
      .to.be.instanceOf(WorkerDiedError)
      .that.includes({ signal: 'SIGTERM' });
  });

  it('between deliveries is noticed at the next one', async () => {
    const { kernelStorage } = openStore();
    const { powers, started } = makeWatchedPowers();
    const { addVat, deliver, kernelOf } = await makeFixture({ kernelStorage, powers });
    await addVat();
    await deliver(startVat({ start: 5 }));
    const [process] = started;
    const ended = new Promise(resolve => process?.once('exit', resolve));
    process?.kill('SIGKILL');
    await ended;
    expect(await failureOf(deliver(call('increment')))).to.be.instanceOf(WorkerDiedError);
    await deliver(call('increment'));
    expect(kernelOf().resolution()).to.deep.equal([1, 6]);
  });

  it('at a boot is made up for, unless the worker dies three times', async () => {
    const { kernelStorage } = openStore();
    const first = await makeFixture({ kernelStorage });
    await first.addVat();
    await first.deliver(startVat());

    const { powers, started } = makeWatchedPowers();
    let deaths = 2;
    const spawn = ((...args: Parameters<typeof powers.spawn>) => {
      const child = powers.spawn(...args);
      if (deaths > 0) child.kill('SIGKILL');
      deaths -= 1;
      return child;
    }) as typeof powers.spawn;
    const { warehouse, addVat } = await makeFixture({
      kernelStorage,
      powers: { ...powers, spawn },
    });
    await addVat();
    await warehouse.preload([v1]);
    expect(warehouse.isOnline(v1)).to.equal(true);
    expect(started).to.have.length(3);

    await warehouse.stopWorker(v1);
    deaths = 3;
    expect(await failureOf(warehouse.preload([v1]))).to.be.instanceOf(WorkerDiedError);
    expect(started).to.have.length(6);
    expect(warehouse.isOnline(v1)).to.equal(false);
  });

  it('while its snapshot is taken leaves neither snapshot nor entry', async () => {
    const { kernelStorage } = openStore();
    const { powers, started, running } = makeWatchedPowers();
    const { warehouse, addVat, deliver, transcript } = await makeFixture({
      kernelStorage,
      powers,
    });
    await addVat();
    await deliver(startVat());
    const saving = failureOf(warehouse.saveSnapshot(v1));
    started.at(-1)?.kill('SIGKILL');
    expect(await saving).to.be.instanceOf(WorkerDiedError);
    expect(kernelStorage.snapStore.getSnapshotInfo(v1)).to.equal(undefined);
    expect(transcript()).to.have.length(2);
    expect(running()).to.have.length(0);
    expect(await warehouse.saveSnapshot(v1)).to.equal(true);
  });

  it('while its snapshot is read passes on why', async () => {
    const { kernelStorage } = openStore();
    const first = await makeFixture({ kernelStorage });
    await first.addVat();
    await first.deliver(startVat());
    await first.warehouse.saveSnapshot(v1);

    const unreadable = Error('the disk is gone');
    const { powers, running } = makeWatchedPowers();
    const { warehouse, addVat } = await makeFixture({
      kernelStorage: {
        ...kernelStorage,
        snapStore: {
          ...kernelStorage.snapStore,
          loadSnapshot: async function* loadSnapshot(vatID) {
            for await (const chunk of kernelStorage.snapStore.loadSnapshot(vatID)) {
              yield chunk.subarray(0, 1000);
              throw unreadable;
            }
          },
        },
      },
      powers,
    });
    await addVat();
    const failure = await failureOf(warehouse.preload([v1]));
    expect(failure).to.equal(unreadable);
    expect(running()).to.have.length(0);
    // No query was left open that would block it.
    kernelStorage.kvStore.set('still', 'writable');
  });

  it('is certain for a heap that is no snapshot', async () => {
    const { kernelStorage } = openStore();
    const first = await makeFixture({ kernelStorage });
    await first.addVat();
    await first.deliver(startVat());
    await first.warehouse.saveSnapshot(v1);

    const { warehouse, addVat } = await makeFixture({
      kernelStorage: {
        ...kernelStorage,
        snapStore: {
          ...kernelStorage.snapStore,
          loadSnapshot: async function* loadSnapshot() {
            yield new Uint8Array(100_000);
          },
        },
      },
    });
    await addVat();
    const failure = await failureOf(warehouse.preload([v1]));
    expect(failure).to.be.instanceOf(WorkerDiedError);
  });

  it('before its birth names the remedy', async () => {
    const { kernelStorage } = openStore();
    const { powers } = makeWatchedPowers();
    const spawn = ((command: string, ...rest: [string[], object]) =>
      powers.spawn(`${command}-missing`, ...rest)) as typeof powers.spawn;
    const { addVat, deliver, transcript } = await makeFixture({
      kernelStorage,
      powers: { ...powers, spawn },
    });
    await addVat();
    expect(await failureOf(deliver(startVat()))).to.be.instanceOf(XsnapNotBuiltError);
    expect(transcript()).to.have.length(0);
  });
});
