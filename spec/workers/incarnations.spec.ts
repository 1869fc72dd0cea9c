import { once } from 'node:events';
import { expect } from 'chai';
import { call, startVat, useFixtures, v1 } from './support/fixture.js';
import { makeWatchedPowers } from './support/processes.js';
import { makeMemoryImageStore, openStore } from './support/store.js';

describe('incarnations', () => {
  const makeFixture = useFixtures();

  it('end with an entry, their snapshot out of use, their worker gone', async () => {
    const { kernelStorage } = openStore();
    const { powers, running } = makeWatchedPowers();
    const { addVat, deliver, warehouse, transcript, kernelOf } = await makeFixture({
      kernelStorage,
      powers,
    });
    await addVat();
    await deliver(startVat({ start: 5 }));
    await deliver(call('increment'));
    await warehouse.saveSnapshot(v1);
    expect(warehouse.getIncarnation(v1)).to.equal(0);

    expect(await warehouse.endIncarnation(v1)).to.equal(1);

    expect(warehouse.getIncarnation(v1)).to.equal(1);
    expect(warehouse.isOnline(v1)).to.equal(false);
    expect(running()).to.have.length(0);
    expect(kernelStorage.snapStore.getSnapshotInfo(v1)).to.equal(undefined);
    const ended = [...kernelStorage.transcriptStore.readSpan(v1, 4)];
    expect(ended.at(-1)).to.equal('{"d":["shutdown-worker"],"sc":[],"r":{"status":"ok"}}');
    expect(transcript()).to.deep.equal([]);

    await warehouse.startIncarnation(v1);
    await deliver(startVat());
    await deliver(call('increment'));
    expect(kernelOf().resolution()).to.deep.equal([1, 7]);
  });

  it('record the image they start from, and replay starts from the same', async () => {
    const imageStore = makeMemoryImageStore();
    const kernelStorage = { ...openStore().kernelStorage, imageStore };
    const { addVat, deliver, warehouse, transcript, kernelOf } = await makeFixture({
      kernelStorage,
    });
    const { options } = await addVat({ worker: 'image' });
    expect(options.workerOptions)
      .to.have.property('imageID')
      .that.matches(/^[0-9a-f]{64}$/);
    await warehouse.startIncarnation(v1);
    expect(JSON.parse(transcript()[0] ?? '')).to.have.deep.nested.property(
      'd[1].workerOptions',
      options.workerOptions,
    );
    await deliver(startVat({ start: 5 }));

    // Another host, whose store came by state-sync: images are not exported.
    imageStore.forget();
    const later = await makeFixture({ kernelStorage });
    await later.addVat({ worker: 'image' });
    for (const [key, value] of kernelOf().vatstore) later.kernelOf().vatstore.set(key, value);
    await later.deliver(call('increment'));
    expect(later.kernelOf().resolution()).to.deep.equal([1, 6]);
  });

  it('compute the same from image and from bundles', async () => {
    const run = async (worker: 'xsnap' | 'image'): Promise<unknown[]> => {
      const { kernelStorage } = openStore();
      const { addVat, deliver, kernelOf } = await makeFixture({ kernelStorage });
      await addVat({ worker });
      await deliver(startVat({ start: 5 }));
      const incremented = await deliver(call('increment'));
      return [...kernelOf().syscalls, incremented];
    };
    const fromBundles = await run('xsnap');
    expect(await run('image')).to.deep.equal(fromBundles);
  });

  it('keep the bundles of their platform with the store', async () => {
    const { kernelStorage } = openStore();
    const { addVat, warehouse } = await makeFixture({ kernelStorage });
    const { options } = await addVat();
    if (options.workerOptions.type !== 'xsnap') throw Error('not on xsnap');
    const { bundleIDs } = options.workerOptions;
    expect(bundleIDs.map(id => kernelStorage.bundleStore.hasBundle(id))).to.deep.equal([
      false,
      false,
    ]);
    await warehouse.startIncarnation(v1);
    expect(bundleIDs.map(id => kernelStorage.bundleStore.hasBundle(id))).to.deep.equal([
      true,
      true,
    ]);
  });

  it('start on a spare worker where some are kept, with the same record', async () => {
    const run = async (spareWorkers: number) => {
      const { kernelStorage } = openStore();
      const { powers, started } = makeWatchedPowers();
      const fixture = await makeFixture({ kernelStorage, powers, policy: { spareWorkers } });
      await fixture.addVat({ worker: 'image' });
      for (let incarnation = 0; incarnation < 2; incarnation += 1) {
        await fixture.warehouse.startIncarnation(v1);
        await fixture.deliver(startVat({ start: 5 }));
        await fixture.deliver(call('increment'));
        if (incarnation === 0) await fixture.warehouse.endIncarnation(v1);
      }
      const transcript = fixture.transcript();
      const online = started.at(-1);
      await fixture.warehouse.shutdown();
      return { transcript, online, started };
    };
    const without = await run(0);
    const withSpare = await run(1);
    expect(withSpare.transcript).to.deep.equal(without.transcript);
    // The image's maker and one process per incarnation; and two that were to be spare.
    expect(without.started).to.have.length(3);
    expect(withSpare.started).to.have.length(4);
    expect(withSpare.started.every(({ signalCode }) => signalCode === 'SIGKILL')).to.equal(true);
  });

  it('start without a spare worker that has died', async () => {
    const { kernelStorage } = openStore();
    const { powers, running } = makeWatchedPowers();
    const { warehouse, addVat, deliver } = await makeFixture({
      kernelStorage,
      powers,
      policy: { spareWorkers: 1 },
    });
    await addVat({ worker: 'image' });
    await warehouse.startIncarnation(v1);
    const ends = running().map(child => once(child, 'exit'));
    expect(ends).to.have.length(2);
    for (const child of running()) child.kill('SIGKILL');
    await Promise.all(ends);
    await warehouse.stopWorker(v1);
    expect(await deliver(startVat())).to.have.property('0', 'ok');
  });
});
