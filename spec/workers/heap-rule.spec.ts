import { expect } from 'chai';
import { HeapFormatError } from '../../lib/platform/errors.js';
import { readHeapHead } from '../../lib/platform/heap-format.js';
import { slotsWithHeadroom } from '../../lib/platform/heap-rule.js';
import { countSlotsNeeded } from '../../lib/platform/heap-slots.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import { makePlatformImages } from '../../lib/platform/platform-image.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { currentLimits, LIMIT_TABLES } from '../../lib/types/vat-limits.js';
import type { HeapRule, WorkerOptions } from '../../lib/types/vat-options.js';
import { HeapNotWrittenError } from '../../lib/workers/errors.js';
import { saveHeap } from '../../lib/workers/heap-snapshot.js';
import { makeSpareWorkers } from '../../lib/workers/spare-workers.js';
import type { VatRecord, Worker } from '../../lib/workers/types.js';
import { makeWorkerStarter } from '../../lib/workers/worker-starter.js';
import { failureOf } from '../support/failure.js';
import { bringOutYourDead, call, startVat, useFixtures, v1 } from './support/fixture.js';
import { openStore } from './support/store.js';
import { bundleLargeVat, bundleVat, type VatBundle } from './support/vats.js';

const K = 1024;

const collect = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
};

const slotsIn = (snapshot: Buffer): number => readHeapHead(snapshot)?.slots ?? 0;

/** The snapshot that a worker writes now, as the engine writes it. */
const writtenBy = (worker: Worker): Promise<Buffer> => {
  if (!worker.makeSnapshotStream) throw Error('no snapshots');
  return collect(worker.makeSnapshotStream());
};

const storedSnapshot = ({ snapStore }: KernelStorage): Promise<Buffer> =>
  collect(snapStore.loadSnapshot(v1));

describe('a heap rule', () => {
  const makeFixture = useFixtures();

  /** Starts workers with and without a rule, and tells what heaps they have. */
  const makeStarter = async (spareWorkers: number) => {
    const { kernelStorage } = openStore();
    const powers = makeNodeWorkerPowers();
    const platform = await loadPlatform();
    const images = makePlatformImages(kernelStorage.imageStore, powers);
    const imageID = await images.imageOf(platform, id => kernelStorage.bundleStore.getBundle(id));
    const spares = makeSpareWorkers(spareWorkers, powers);
    const { bundleStore } = kernelStorage;
    const starter = makeWorkerStarter({
      ...{ bundleStore, platform, images, spares, powers },
      relaxDurabilityRules: false,
    });
    const recordOf = ({ bundleID, bundle }: VatBundle, heapRule: HeapRule | undefined) => {
      if (!bundleStore.hasBundle(bundleID)) bundleStore.addBundle(bundleID, bundle);
      const { bundleIDs } = platform;
      const workerOptions: WorkerOptions = {
        ...{ type: 'xsnap', bundleIDs, imageID },
        ...(heapRule && { heapRule }),
      };
      return {
        vatID: v1,
        name: undefined,
        source: { bundleID },
        limits: currentLimits(LIMIT_TABLES),
        options: {
          ...{ enableSetup: false, enablePipelining: false, enableDisavow: false },
          ...{ useTranscript: true, reapDirtThreshold: { never: true }, critical: false },
          workerOptions,
        },
      } satisfies VatRecord;
    };
    const output = { console: () => undefined, testLog: () => undefined };
    const heapOf = async (started: Promise<Worker>): Promise<number> => {
      const worker = await started;
      try {
        return slotsIn(await writtenBy(worker));
      } finally {
        await worker.shutdown();
      }
    };
    return {
      firstHeap: (bundle: VatBundle, heapRule?: HeapRule) => {
        const record = recordOf(bundle, heapRule);
        const { workerOptions } = record.options;
        return heapOf(
          starter.startFresh(record, { source: record.source, workerOptions }, { output }),
        );
      },
      loadedHeap: async (bundle: VatBundle, snapshot: Buffer, heapRule?: HeapRule) => {
        async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
          yield snapshot;
        }
        const record = recordOf(bundle, heapRule);
        return heapOf(starter.startFromSnapshot(record, stream(), 1, { output }));
      },
      shutdown: () => spares.shutdown(),
    };
  };

  it('chooses the first heap from the size of the bundle', async () => {
    const [small, large] = await Promise.all([bundleVat('counter'), bundleLargeVat(20, 24_000)]);
    const { firstHeap } = await makeStarter(0);
    expect(await firstHeap(large)).to.equal(256 * K);
    expect(await firstHeap(large, 1)).to.equal(512 * K);
    expect(await firstHeap(small, 1)).to.equal(256 * K);
  });

  it('gives each incarnation a spare worker with its heap', async () => {
    const large = await bundleLargeVat(20, 24_000);
    const { firstHeap, shutdown } = await makeStarter(1);
    try {
      for (let round = 0; round < 2; round += 1) {
        expect(await firstHeap(large)).to.equal(256 * K);
        expect(await firstHeap(large, 1)).to.equal(512 * K);
      }
    } finally {
      await shutdown();
    }
  });

  it('trims the snapshots that are stored, and loads them with headroom', async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, transcript, warehouse } = await makeFixture({ kernelStorage });
    await addVat({ worker: 'image', heapRule: 1 });
    await deliver(startVat({ start: 5 }));
    expect(JSON.parse(transcript()[0] ?? '')).to.have.nested.property(
      'd[1].workerOptions.heapRule',
      1,
    );
    await warehouse.saveSnapshot(v1);
    const stored = await storedSnapshot(kernelStorage);
    const needed = countSlotsNeeded([stored]);
    expect(slotsIn(stored))
      .to.equal(needed)
      .and.to.be.lessThan(256 * K);
    const { loadedHeap } = await makeStarter(0);
    const counter = await bundleVat('counter');
    expect(await loadedHeap(counter, stored, 1)).to.equal(slotsWithHeadroom(needed, 0));
    expect(await loadedHeap(counter, stored)).to.equal(needed);
  });

  it("leaves the engine's bytes as they are in incarnations that record none", async () => {
    const { kernelStorage } = openStore();
    const { addVat, deliver, transcript, warehouse } = await makeFixture({ kernelStorage });
    await addVat({ worker: 'image' });
    await deliver(startVat({ start: 5 }));
    expect(transcript()[0]).to.not.include('heapRule');
    await warehouse.saveSnapshot(v1);
    expect(slotsIn(await storedSnapshot(kernelStorage))).to.equal(256 * K);
  });

  it('makes no difference to replays', async () => {
    const live = async (evictions: boolean): Promise<unknown[]> => {
      const { kernelStorage } = openStore();
      const { addVat, deliver, warehouse, slog } = await makeFixture({ kernelStorage });
      await addVat({ worker: 'image', heapRule: 1 });
      await deliver(startVat({ start: 5 }));
      const hashes: unknown[] = [];
      for (let round = 0; round < 3; round += 1) {
        await deliver(call('remember', [100_000 * round]));
        if (evictions) await warehouse.stopWorker(v1);
        await deliver(call('increment'));
        await deliver(bringOutYourDead);
        await warehouse.saveSnapshot(v1);
        hashes.push(kernelStorage.snapStore.getSnapshotInfo(v1)?.hash);
      }
      expect(slog.filter(({ type }) => type === 'replay-metering-difference')).to.deep.equal([]);
      expect(slog.some(({ type }) => type === 'start-replay')).to.equal(true);
      return hashes;
    };
    const hashes = await live(false);
    expect(new Set(hashes).size).to.equal(3);
    expect(await live(true)).to.deep.equal(hashes);
  });

  it('counts a heap that it cannot trim as not written', async () => {
    const { kernelStorage } = openStore();
    let ended = 0;
    const worker: Worker = {
      deliver: () => Promise.reject(Error('not called')),
      shutdown: async () => {
        ended += 1;
      },
    };
    async function* makeSnapshotStream(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from('no snapshot at all');
    }
    const heap = { vatID: v1, worker, makeSnapshotStream, snapPos: 3, heapRule: 1 as const };
    const failure = await failureOf(() =>
      saveHeap(heap, kernelStorage.snapStore, () => Promise.reject(Error('not called'))),
    );
    expect(failure).to.be.instanceOf(HeapNotWrittenError).and.to.include({ snapPos: 3 });
    expect((failure as Error).cause).to.be.instanceOf(HeapFormatError);
    expect(ended).to.equal(1);
  });
});
