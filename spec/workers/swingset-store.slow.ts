import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { initSwingStore, openSwingStore } from '@agoric/swing-store';
import { initializeSwingset, makeSwingsetController } from '@agoric/swingset-vat';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { parseVatID, type VatID } from '../../lib/types/ids.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { LIMIT_TABLES, limitsOf } from '../../lib/types/vat-limits.js';
import type { VatOptions, VatSource } from '../../lib/types/vat-options.js';
import type { SaveSnapshotEntry } from '../../lib/workers/transcript.js';
import type { VatRecord } from '../../lib/workers/types.js';
import { makeVatWarehouse } from '../../lib/workers/warehouse.js';
import { originalKernelBundles } from '../support/original-bundles.js';
import { bringOutYourDead } from './support/fixture.js';
import { openStore, reopenStore } from './support/store.js';

interface Controller {
  run(): Promise<number>;
  shutdown(): Promise<void>;
  pinVatRoot(name: string): string;
  queueToVatRoot(name: string, method: string, args: unknown[]): string;
  kpResolution(kpid: string): { body: string };
  kpStatus(kpid: string): string;
}

const vatPath = (name: string): string =>
  fileURLToPath(new URL(`vats/${name}.js`, import.meta.url));

const config = {
  bootstrap: 'bootstrap',
  defaultManagerType: 'xsnap',
  defaultReapInterval: 5,
  snapshotInitial: 3,
  snapshotInterval: 5,
  bundles: { counter: { sourceSpec: vatPath('counter') } },
  vats: {
    bootstrap: { sourceSpec: vatPath('bootstrap') },
    counter: { bundleName: 'counter' },
    localCounter: { bundleName: 'counter', creationOptions: { managerType: 'local' } },
  },
};

const startController = (kernelStorage: KernelStorage): Promise<Controller> =>
  makeSwingsetController(kernelStorage, {}, {}) as Promise<Controller>;

const readRecord = ({ kvStore }: KernelStorage, vatID: VatID): VatRecord => {
  const options = JSON.parse(kvStore.get(`${vatID}.options`) ?? '') as VatOptions;
  const source = JSON.parse(kvStore.get(`${vatID}.source`) ?? '') as VatSource;
  return { vatID, name: options.name, options, source, limits: limitsOf(LIMIT_TABLES, options) };
};

const readVatIDs = ({ kvStore }: KernelStorage): VatID[] => {
  const names = JSON.parse(kvStore.get('vat.names') ?? '') as string[];
  const dynamic = JSON.parse(kvStore.get('vat.dynamicIDs') ?? '') as string[];
  return [...names.map(name => kvStore.get(`vat.name.${name}`)), ...dynamic].map(parseVatID);
};

const openWarehouse = async (kernelStorage: KernelStorage, slog: SlogEntry[] = []) =>
  makeVatWarehouse({
    kernelStorage,
    platform: await loadPlatform(),
    records: { getVatRecord: vatID => readRecord(kernelStorage, vatID) },
    slog: entry => {
      slog.push(entry);
    },
    console,
    options: {
      relaxDurabilityRules: false,
      snapshotSchedule: { snapshotInitial: 3, snapshotInterval: 5 },
    },
    powers: makeNodeWorkerPowers(),
  });

const increment = async (controller: Controller, method: string): Promise<string> => {
  const kpid = controller.queueToVatRoot('bootstrap', method, []);
  await controller.run();
  expect(controller.kpStatus(kpid)).to.equal('fulfilled');
  return controller.kpResolution(kpid).body;
};

describe('a store made by SwingSet', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'swingset-store-'));
    const { kernelStorage, hostStorage } = initSwingStore(directory) as SwingStore;
    const kernelBundles = await originalKernelBundles();
    await initializeSwingset(config, [], kernelStorage, { kernelBundles });
    const controller = await startController(kernelStorage);
    controller.pinVatRoot('bootstrap');
    await controller.run();
    expect(await increment(controller, 'incrementDynamic')).to.equal('#[2,12]');
    await controller.shutdown();
    await hostStorage.commit();
    await hostStorage.close();
  });
  after(async () => {
    await rm(directory, { recursive: true });
  });

  it('has its vats brought online from snapshots and transcripts', async () => {
    const { kernelStorage, hostStorage } = reopenStore(directory);
    const slog: SlogEntry[] = [];
    const warehouse = await openWarehouse(kernelStorage, slog);
    const vatIDs = readVatIDs(kernelStorage);
    await warehouse.preload(vatIDs);
    expect(warehouse.onlineCount()).to.equal(vatIDs.length);
    expect(slog.filter(({ type }) => type === 'replay-metering-difference')).to.deep.equal([]);
    expect(
      slog.filter(({ type }) => type === 'heap-snapshot-load').length,
    ).to.be.greaterThanOrEqual(5);
    await warehouse.shutdown();
    await hostStorage.close();
  });

  it('has heaps that our workers reproduce bit by bit from the start', async () => {
    const { kernelStorage, hostStorage } = reopenStore(directory);
    const vatIDs = readVatIDs(kernelStorage).filter(vatID => {
      const { options } = readRecord(kernelStorage, vatID);
      return options.workerOptions.type === 'xsnap';
    });
    for (const vatID of vatIDs) {
      const firstSpan = [...kernelStorage.transcriptStore.readSpan(vatID, 0)];
      const end = JSON.parse(firstSpan.at(-1) ?? '') as SaveSnapshotEntry;
      expect(end.d).to.deep.equal(['save-snapshot']);
      const { kernelStorage: blank } = openStore();
      blank.transcriptStore.initTranscript(vatID);
      for (const item of firstSpan.slice(0, -1)) blank.transcriptStore.addItem(vatID, item);
      const { kvStore, bundleStore } = kernelStorage;
      const warehouse = await openWarehouse({ ...blank, kvStore, bundleStore });
      await warehouse.saveSnapshot(vatID);
      expect(blank.snapStore.getSnapshotInfo(vatID)?.hash).to.equal(end.r.snapshotID);
      await warehouse.shutdown();
    }
    expect(vatIDs).to.have.length(6);
    await hostStorage.close();
  });

  it('goes on in SwingSet after what our warehouse recorded', async () => {
    const { kernelStorage, hostStorage } = reopenStore(directory);
    const warehouse = await openWarehouse(kernelStorage);
    for (const vatID of readVatIDs(kernelStorage)) {
      if (!readRecord(kernelStorage, vatID).options.useTranscript) continue;
      // Nothing to reap: such a BOYD asks nothing of the kernel.
      const [status] = await warehouse.deliver(vatID, bringOutYourDead, ([type]) => {
        throw Error(`unexpected ${type}`);
      });
      expect(status).to.equal('ok');
      if (warehouse.isSnapshotDue(vatID)) await warehouse.saveSnapshot(vatID);
      await warehouse.deliver(vatID, bringOutYourDead, () => ['ok', null]);
    }
    await warehouse.shutdown();
    await hostStorage.commit();
    await hostStorage.close();

    const again = openSwingStore(directory) as SwingStore;
    const controller = await startController(again.kernelStorage);
    expect(await increment(controller, 'incrementDynamic')).to.equal('#[3,13]');
    await controller.shutdown();
    await again.hostStorage.close();
  });
});
