import { expect } from 'chai';
import { PlatformChangeError } from '../../lib/platform-epoch/errors.js';
import { OWN, STOCK } from '../../lib/platform/choices.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import type { VatOptions, WorkerOptions } from '../../lib/types/vat-options.js';
import { failureOf } from '../support/failure.js';
import { startLife, type Life } from '../support/swingset.js';
import { makeConfig, resultFor, vatIDs } from './support/fixture.js';

const { alice } = vatIDs;

type XsnapOptions = Extract<WorkerOptions, { type: 'xsnap' }>;

const workerOptionsOf = ({ kernelStorage }: Life, vatID: string): XsnapOptions =>
  (JSON.parse(kernelStorage.kvStore.get(`${vatID}.options`) ?? '') as VatOptions)
    .workerOptions as XsnapOptions;

const choiceOf = (life: Life) => {
  const { platform, imageBundles, serveImportBundle } = life.controller
    .getEpochLedger()
    .at(-1)!.fingerprint;
  return { platform, imageBundles, serveImportBundle };
};

describe('the choice of a platform', () => {
  it('is made at the start and at an advance, and each incarnation keeps its own', async () => {
    const [stock, own] = [await loadPlatform(STOCK), await loadPlatform(OWN)];
    const life = await startLife({
      config: makeConfig(),
      worker: 'xsnap',
      store: 'directory',
      platformEpoch: 1,
      initialization: { platform: 'stock' },
    });
    await life.run();
    expect(choiceOf(life)).to.deep.equal(STOCK);
    expect(workerOptionsOf(life, alice)).to.have.all.keys('type', 'bundleIDs', 'imageID', 'engine');
    expect(workerOptionsOf(life, alice).bundleIDs).to.deep.equal(stock.bundleIDs);
    await life.call('boot', 'send', 'alice', 'bump');

    const refused = await failureOf(life.reboot({ platformEpoch: 1, platform: 'own' }));
    expect(refused)
      .to.be.instanceOf(PlatformChangeError)
      .that.includes({ code: 'PLATFORM_CHANGE', field: 'platform', given: 'own' });

    await life.reboot({ platformEpoch: 2, platform: 'own', platformRestart: { exempt: ['bob'] } });
    expect(choiceOf(life)).to.deep.equal(OWN);
    expect(resultFor(life, alice)).to.include({ result: 'restarted' });
    const { imageID, ...options } = workerOptionsOf(life, alice);
    expect(options).to.deep.equal({
      type: 'xsnap',
      bundleIDs: own.bundleIDs,
      engine: own.fingerprint.engine,
      heapRule: 1,
      serveImportBundle: true,
    });
    expect(workerOptionsOf(life, vatIDs.bob).bundleIDs, 'exempt').to.deep.equal(stock.bundleIDs);
    const bump = (name: string) => life.call('boot', 'send', name, 'bump');
    expect(await bump('alice')).to.deep.equal([1, 2]);

    // Without the option, and with the same: both vats replay on what they run on.
    for (const given of [{}, { platform: 'own', imageBundles: [] }] as const) {
      await life.reboot({ platformEpoch: 2, ...given });
      expect(choiceOf(life)).to.deep.equal(OWN);
    }
    expect(await bump('bob')).to.deep.equal([1, 1]);
    expect(await bump('alice')).to.deep.equal([2, 3]);

    await life.reboot({ platformEpoch: 3, imageBundles: ['subject'], serveImportBundle: false });
    const known = workerOptionsOf(life, alice);
    expect(known.imageBundles).to.deep.equal(choiceOf(life).imageBundles);
    expect(known.imageBundles?.[0]).to.match(/^b1-/);
    expect(known).not.to.have.property('serveImportBundle');
    expect(known.imageID).not.to.equal(imageID);
    expect(await bump('alice')).to.deep.equal([1, 4]);
    await life.reboot({ platformEpoch: 3 });
    expect(await bump('alice')).to.deep.equal([2, 5]);
  });
});
