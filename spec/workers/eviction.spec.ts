import { expect } from 'chai';
import { makeVatID } from '../../lib/types/ids.js';
import { bringOutYourDead, call, startVat, useFixtures } from './support/fixture.js';
import { makeWatchedPowers } from './support/processes.js';
import { openStore } from './support/store.js';

const vatIDs = [1, 2, 3, 4, 5].map(makeVatID);

describe('the limit of vats online', () => {
  const makeFixture = useFixtures();

  const run = async (maxVatsOnline: number) => {
    const { kernelStorage } = openStore();
    const { powers, running } = makeWatchedPowers();
    const { warehouse, addVat, deliver, kernelOf } = await makeFixture({
      kernelStorage,
      powers,
      policy: { maxVatsOnline },
      snapshotInterval: 4,
    });
    let mostRunning = 0;
    for (const vatID of vatIDs) await addVat({ vatID, worker: 'image' });
    for (const delivery of [startVat({ start: 5 }), call('increment'), call('increment')]) {
      for (const vatID of vatIDs) {
        await deliver(delivery, vatID);
        mostRunning = Math.max(mostRunning, running().length);
        if (!warehouse.isSnapshotDue(vatID)) continue;
        await deliver(bringOutYourDead, vatID);
        await warehouse.saveSnapshot(vatID);
      }
    }
    const { transcriptStore, snapStore } = kernelStorage;
    return {
      mostRunning,
      online: warehouse.onlineCount(),
      counts: vatIDs.map(vatID => kernelOf(vatID).resolution()),
      records: vatIDs.map(vatID => [
        [...transcriptStore.readSpan(vatID, 0), ...transcriptStore.readSpan(vatID)],
        transcriptStore.getCurrentSpanBounds(vatID),
        snapStore.getSnapshotInfo(vatID)?.hash,
      ]),
    };
  };

  it('holds, and leaves no trace in transcripts and snapshots', async () => {
    const all = await run(50);
    const two = await run(2);
    expect(all.mostRunning).to.equal(5);
    expect(two.mostRunning).to.equal(2);
    expect(two.online).to.equal(2);
    expect(two.counts).to.deep.equal(vatIDs.map(() => [2, 7]));
    expect(two.records).to.deep.equal(all.records);
  });

  it('sets aside whoever was used least recently', async () => {
    const { kernelStorage } = openStore();
    const { warehouse, addVat, deliver, slog } = await makeFixture({
      kernelStorage,
      policy: { maxVatsOnline: 2 },
    });
    const [a, b, c] = [makeVatID(1), makeVatID(2), makeVatID(3)];
    for (const vatID of [a, b, c]) await addVat({ vatID, worker: 'local' });
    await deliver(startVat(), a);
    await deliver(startVat(), b);
    await deliver(bringOutYourDead, a);
    await deliver(startVat(), c);
    expect([a, b, c].map(vatID => warehouse.isOnline(vatID))).to.deep.equal([true, false, true]);
    expect(slog.filter(({ type }) => type === 'vat-evict')).to.deep.equal([
      { type: 'vat-evict', vatID: b },
    ]);
    await warehouse.preload([b, c, a]);
    expect(
      [a, b, c].map(vatID => warehouse.isOnline(vatID)),
      'preloading fills up, and puts nobody aside',
    ).to.deep.equal([true, false, true]);
    await warehouse.stopWorker(c);
    await warehouse.preload([b, c]);
    expect([a, b, c].map(vatID => warehouse.isOnline(vatID))).to.deep.equal([true, true, false]);
  });

  it('holds while several vats are preloaded at the same time', async () => {
    const { kernelStorage } = openStore();
    const first = await makeFixture({ kernelStorage });
    for (const vatID of vatIDs) {
      await first.addVat({ vatID, worker: 'image' });
      await first.deliver(startVat(), vatID);
    }
    await first.warehouse.shutdown();
    const { powers, started, running } = makeWatchedPowers();
    const { warehouse, addVat, slog } = await makeFixture({
      kernelStorage,
      powers,
      policy: { maxVatsOnline: 4, preloadConcurrency: 3 },
    });
    for (const vatID of vatIDs) await addVat({ vatID, worker: 'image' });
    const earlier = started.length;
    await warehouse.preload(vatIDs);
    expect(vatIDs.map(vatID => warehouse.isOnline(vatID))).to.deep.equal([
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(started).to.have.length(earlier + 4);
    expect(running()).to.have.length(4);
    const startups = slog.map(({ type }) => type).filter(type => type.startsWith('vat-startup-'));
    expect(startups.slice(0, 4), 'three at the same time').to.deep.equal([
      ...['vat-startup-start', 'vat-startup-start', 'vat-startup-start'],
      'vat-startup-finish',
    ]);
  });
});
