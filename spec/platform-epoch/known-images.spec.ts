import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { importSwingStore } from '../../lib/store/importer.js';
import { IMAGES_TABLE } from '../../lib/store/schema.js';
import type { VatOptions, WorkerOptions } from '../../lib/types/vat-options.js';
import { makeTempDir, startLife, type Life, type LifeOptions } from '../support/swingset.js';
import { makeConfig, vatIDs } from './support/fixture.js';

const { alice, bob } = vatIDs;

/** No snapshots, so that each replay starts from the image. */
const config = { ...makeConfig(), snapshotInitial: 1_000_000, snapshotInterval: 1_000_000 };

type XsnapOptions = Extract<WorkerOptions, { type: 'xsnap' }>;

const workerOptionsOf = ({ kernelStorage }: Life, vatID: string): XsnapOptions =>
  (JSON.parse(kernelStorage.kvStore.get(`${vatID}.options`) ?? '') as VatOptions)
    .workerOptions as XsnapOptions;

const start = async (options: Partial<LifeOptions> = {}) => {
  const path = join(makeTempDir(), 'store');
  const life = await startLife({
    config,
    worker: 'xsnap',
    store: { path },
    platformEpoch: 1,
    initialization: { platform: 'own', imageBundles: ['subject'] },
    ...options,
  });
  await life.run();
  return { life, path };
};

const work = async (life: Life): Promise<void> => {
  await life.call('boot', 'send', 'alice', 'bump');
  await life.call('boot', 'send', 'bob', 'write', 'an entry');
  await life.call('boot', 'send', 'alice', 'write', 'another');
};

/** The hash of everything that replicas must share, heap snapshots of all vats included. */
const digest = async (life: Life, path: string): Promise<string> => {
  await life.controller.snapshotAllVats();
  await life.hostStorage.commit();
  const exporter = makeSwingStoreExporter(path);
  const hash = createHash('sha256');
  let snapshots = 0;
  for await (const [key, value] of exporter.getExportData()) {
    if (key.startsWith('snapshot.')) snapshots += 1;
    hash.update(JSON.stringify([key, value]));
  }
  await exporter.close();
  expect(snapshots).to.be.greaterThan(3);
  return hash.digest('hex');
};

const loseImages = ({ store }: Life): void => {
  store.debug.getDatabase().exec(`DELETE FROM ${IMAGES_TABLE}`);
};

describe('vats that started from an image that knows their bundle', () => {
  let expected: string;
  let imageID: string | undefined;
  before(async () => {
    const { life, path } = await start();
    const options = workerOptionsOf(life, alice);
    ({ imageID } = options);
    expect(options.imageBundles).to.deep.equal([
      life.kernelStorage.kvStore.get('namedBundleID.subject'),
    ]);
    await work(life);
    await work(life);
    expected = await digest(life, path);
    await life.finish();
  });

  it('replay to the same heaps after eviction', async () => {
    const { life, path } = await start({ warehousePolicy: { maxVatsOnline: 1 } });
    await work(life);
    await work(life);
    expect(await digest(life, path)).to.equal(expected);
  });

  it('replay to the same heaps after a reboot, and after the images were lost', async () => {
    const { life, path } = await start();
    await work(life);
    await life.reboot({ platformEpoch: 1 });
    loseImages(life);
    expect(life.kernelStorage.imageStore.has(imageID!)).to.equal(false);
    await life.reboot({ platformEpoch: 1 });
    await work(life);
    expect(life.kernelStorage.imageStore.has(imageID!)).to.equal(true);
    expect(workerOptionsOf(life, alice).imageID).to.equal(imageID);
    expect(await digest(life, path)).to.equal(expected);
  });

  it('replay to the same heaps after state sync onto an empty store', async () => {
    const source = await start();
    await work(source.life);
    await source.life.hostStorage.commit();
    const path = join(makeTempDir(), 'synced');
    const exporter = makeSwingStoreExporter(source.path);
    const [known] = workerOptionsOf(source.life, alice).imageBundles ?? [];
    const names: string[] = [];
    for await (const name of exporter.getArtifactNames()) names.push(name);
    expect(names).to.include(`bundle.${known}`);
    const { hostStorage } = await importSwingStore(exporter, path);
    await hostStorage.commit();
    await hostStorage.close();
    await exporter.close();

    const life = await startLife({ config, store: { path }, platformEpoch: 1 });
    await work(life);
    expect(await digest(life, path)).to.equal(expected);
  });

  it('keep their image when a later epoch has another', async () => {
    const { life } = await start();
    await work(life);
    const bump = () => life.call('boot', 'send', 'alice', 'bump');
    await life.reboot({
      platformEpoch: 2,
      imageBundles: [],
      platformRestart: { exempt: ['alice'] },
    });
    expect(workerOptionsOf(life, bob)).not.to.have.property('imageBundles');
    expect(workerOptionsOf(life, bob).imageID).not.to.equal(imageID);
    loseImages(life);
    await life.reboot({ platformEpoch: 2 });
    expect(await bump()).to.deep.equal([2, 2]);
    expect(life.kernelStorage.imageStore.has(imageID!), 'made again').to.equal(true);
  });

  it('are reported if the store loses a bundle that their image knows', async () => {
    const { life } = await start();
    const { bundleStore } = life.kernelStorage;
    const [known = ''] = workerOptionsOf(life, 'v1').imageBundles ?? [];
    const bundle = bundleStore.getBundle(known);
    bundleStore.deleteBundle(known);
    expect(() => life.check()).to.throw(`the bundleStore lacks ${known}`);
    bundleStore.addBundle(known, bundle);
    life.check();
  });
});
