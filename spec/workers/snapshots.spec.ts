import { expect } from 'chai';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import { makeVatID, type VatID } from '../../lib/types/ids.js';
import { HeapNotWrittenError, TranscriptDamagedError } from '../../lib/workers/errors.js';
import type { Fixture } from './support/fixture.js';
import { failureOf } from '../support/failure.js';
import { bringOutYourDead, call, startVat, useFixtures, v1 } from './support/fixture.js';
import { makeMuteSpawn } from './support/mute-spawn.js';
import { openStore } from './support/store.js';

/** As the kernel does: a BOYD, then the snapshot, whenever one is due. */
const deliverAsKernel = async (
  { deliver, warehouse }: Fixture,
  delivery: Parameters<Fixture['deliver']>[0],
  vatID: VatID = v1,
): Promise<void> => {
  await deliver(delivery, vatID);
  if (!warehouse.isSnapshotDue(vatID)) return;
  await deliver(bringOutYourDead, vatID);
  await warehouse.saveSnapshot(vatID);
};

/** Kinds of the entries at all positions, as the store has them. */
const kindsOf = (entries: string[]): string[] =>
  entries.map(entry => (JSON.parse(entry) as { d: [string] }).d[0]);

describe('heap snapshots', () => {
  const makeFixture = useFixtures();

  it('are due as SwingSet has them: early in an incarnation, then at the interval', async () => {
    const { kernelStorage } = openStore();
    const fixture = await makeFixture({ kernelStorage, snapshotInitial: 3, snapshotInterval: 4 });
    const { addVat, transcript, warehouse } = fixture;
    await addVat();
    await deliverAsKernel(fixture, startVat());
    expect(kindsOf(transcript())).to.deep.equal(['initialize-worker', 'startVat']);
    await deliverAsKernel(fixture, bringOutYourDead);
    expect(kernelStorage.snapStore.getSnapshotInfo(v1)).to.include({ snapPos: 4 });
    expect(kindsOf([...kernelStorage.transcriptStore.readSpan(v1, 0)])).to.deep.equal([
      'initialize-worker',
      'startVat',
      'bringOutYourDead',
      'bringOutYourDead',
      'save-snapshot',
    ]);
    expect(kindsOf(transcript())).to.deep.equal(['load-snapshot']);

    await deliverAsKernel(fixture, call('increment'));
    await deliverAsKernel(fixture, call('increment'));
    expect(transcript()).to.have.length(3);
    await deliverAsKernel(fixture, call('increment'));
    expect(kernelStorage.snapStore.getSnapshotInfo(v1)).to.include({ snapPos: 10 });

    warehouse.setSnapshotSchedule({ snapshotInitial: 3, snapshotInterval: 1000 });
    await warehouse.endIncarnation(v1);
    await deliverAsKernel(fixture, startVat());
    await deliverAsKernel(fixture, call('increment'));
    expect(kernelStorage.transcriptStore.getCurrentSpanBounds(v1)).to.include({
      startPos: 18,
      endPos: 19,
      incarnation: 1,
    });
  });

  it('are named in the transcript by their hash', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, transcript, warehouse } = await makeFixture({ kernelStorage });
    await addVat();
    await deliver(startVat());
    expect(await warehouse.saveSnapshot(v1)).to.equal(true);
    const snapshotID = kernelStorage.snapStore.getSnapshotInfo(v1)?.hash;
    expect(snapshotID).to.match(/^[0-9a-f]{64}$/);
    const previous = [...kernelStorage.transcriptStore.readSpan(v1, 0)];
    expect(previous.at(-1)).to.equal(
      JSON.stringify({ d: ['save-snapshot'], sc: [], r: { status: 'ok', snapshotID } }),
    );
    expect(transcript()).to.deep.equal([
      JSON.stringify({ d: ['load-snapshot', { snapshotID }], sc: [], r: { status: 'ok' } }),
    ]);
  });

  it('keep what is in RAM, and what follows is replayed on top', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, kernelOf, warehouse, slog } = await makeFixture({ kernelStorage });
    await addVat({ worker: 'image' });
    await deliver(startVat({ start: 5 }));
    await deliver(call('increment'));
    await warehouse.saveSnapshot(v1);
    await deliver(call('increment'));
    await warehouse.stopWorker(v1);
    slog.length = 0;
    await deliver(call('increment'));
    expect(kernelOf().resolution()).to.deep.equal([3, 8]);
    expect(slog.find(({ type }) => type === 'start-replay')).to.include({ deliveries: 1 });
    expect(slog.filter(({ type }) => type === 'heap-snapshot-load')).to.have.length(1);
  });

  it('leave the worker exactly where a replay from them is', async () => {
    // The next snapshot's hash covers the whole heap.
    const nextHash = async (reload: boolean): Promise<string | undefined> => {
      const { kernelStorage } = openStore();
      const { addVat, deliver, warehouse } = await makeFixture({ kernelStorage });
      await addVat();
      await deliver(startVat({ start: 5 }));
      await deliver(call('remember', [100_000]));
      await warehouse.saveSnapshot(v1);
      await deliver(call('increment'));
      if (reload) await warehouse.stopWorker(v1);
      await deliver(call('increment'));
      await deliver(bringOutYourDead);
      await warehouse.saveSnapshot(v1);
      return kernelStorage.snapStore.getSnapshotInfo(v1)?.hash;
    };
    const hash = await nextHash(false);
    expect(await nextHash(true)).to.equal(hash);
  });

  it('are not for local vats, nor for vats without a transcript', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, warehouse } = await makeFixture({ kernelStorage, snapshotInitial: 1 });
    const [local, untold] = [makeVatID(2), makeVatID(3)];
    await addVat({ vatID: local, worker: 'local' });
    await addVat({ vatID: untold, options: { useTranscript: false } });
    for (const vatID of [local, untold]) {
      await deliver(startVat(), vatID);
      expect(warehouse.isSnapshotDue(vatID)).to.equal(false);
      expect(await warehouse.saveSnapshot(vatID)).to.equal(false);
      expect(kernelStorage.snapStore.getSnapshotInfo(vatID)).to.equal(undefined);
    }
  });

  it('must be the one that the transcript names', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, warehouse } = await makeFixture({ kernelStorage });
    await addVat();
    await deliver(startVat());
    await warehouse.saveSnapshot(v1);
    await warehouse.stopWorker(v1);
    kernelStorage.snapStore.stopUsingLastSnapshot(v1);
    expect(await failureOf(warehouse.preload([v1])))
      .to.be.instanceOf(TranscriptDamagedError)
      .that.includes({ code: 'TRANSCRIPT_DAMAGED', vatID: v1, position: 3 });
  });

  describe('of an engine that can not write the heap', () => {
    /** So many processes can't write. */
    const makePowers = (broken: number) => {
      let started = 0;
      const spawn = makeMuteSpawn(() => {
        started += 1;
        return started <= broken;
      });
      return { ...makeNodeWorkerPowers(), spawn };
    };

    it('are tried again', async () => {
      const { kernelStorage } = openStore();
      const fixture = await makeFixture({ kernelStorage, powers: makePowers(2) });
      await fixture.addVat();
      await fixture.deliver(startVat());
      await fixture.deliver(call('increment'));
      expect(await fixture.warehouse.saveSnapshot(v1)).to.equal(true);
      expect(kernelStorage.snapStore.getSnapshotInfo(v1)).to.include({ snapPos: 3 });
    });

    it('are given up in the end, and the vat can go on from its transcript', async () => {
      const { kernelStorage } = openStore();
      const fixture = await makeFixture({ kernelStorage, powers: makePowers(3) });
      await fixture.addVat();
      await fixture.deliver(startVat());
      await fixture.deliver(call('increment'));
      expect(await failureOf(fixture.warehouse.saveSnapshot(v1)))
        .to.be.instanceOf(HeapNotWrittenError)
        .that.includes({ code: 'HEAP_NOT_WRITTEN', vatID: v1, snapPos: 3 });
      expect(kernelStorage.snapStore.getSnapshotInfo(v1)).to.equal(undefined);
      expect(kindsOf(fixture.transcript())).to.deep.equal([
        'initialize-worker',
        'startVat',
        'message',
      ]);
      await fixture.deliver(call('increment'));
      expect(fixture.transcript()).to.have.length(4);
      expect(await fixture.warehouse.saveSnapshot(v1)).to.equal(true);
    });
  });
});
