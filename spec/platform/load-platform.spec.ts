import { expect } from 'chai';
import { initSwingStore } from '@agoric/swing-store';
import { initializeSwingset } from '@agoric/swingset-vat';
import { comparePlatforms } from '../../lib/platform/compare-platforms.js';
import { EngineUnknownError } from '../../lib/platform/errors.js';
import { STOCK } from '../../lib/platform/choices.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import { formatEngine } from '../../lib/platform/xsnap-discovery.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { originalKernelBundles } from '../support/original-bundles.js';

describe('the installed platform', () => {
  it('has its bundles under the IDs that SwingSet stores them under', async () => {
    const { kernelStorage } = initSwingStore() as { kernelStorage: KernelStorage };
    await initializeSwingset({ vats: {}, defaultManagerType: 'xsnap' }, [], kernelStorage, {
      kernelBundles: await originalKernelBundles(),
    });
    const vatAdminID = kernelStorage.kvStore.get('vat.name.vatAdmin');
    const { workerOptions } = JSON.parse(
      kernelStorage.kvStore.get(`${vatAdminID}.options`) ?? '',
    ) as { workerOptions: { bundleIDs: string[] } };

    const platform = await loadPlatform(STOCK);

    expect(platform.bundleIDs).to.deep.equal(workerOptions.bundleIDs);
    const { lockdown, supervisor } = platform.fingerprint;
    expect([lockdown, supervisor]).to.deep.equal(workerOptions.bundleIDs);
    platform.bundleIDs.forEach((bundleID, index) => {
      expect(platform.bundles[index]).to.deep.equal(kernelStorage.bundleStore.getBundle(bundleID));
    });
  });

  it('names the engine by version, pinned commits and meter type', async () => {
    const { fingerprint } = await loadPlatform();
    expect(fingerprint.engine).to.match(
      /^xsnap \d+\.\d+\.\d+\S* \(moddable [0-9a-f]{8}, xsnap-native [0-9a-f]{8}, xs-meter-\d+\)$/,
    );
    expect(await loadPlatform()).to.deep.equal(await loadPlatform());
  });

  it('refuses an engine package that pins no commits', () => {
    const pinned = `MODDABLE_COMMIT_HASH=${'a'.repeat(40)}\nMODDABLE_URL=https://example.org\n`;
    expect(() => formatEngine('0.15.0', pinned, '/x/build.env'))
      .to.throw(EngineUnknownError)
      .that.includes({ code: 'ENGINE_UNKNOWN', missing: 'XSNAP_NATIVE_COMMIT_HASH' });
  });
});

describe('comparePlatforms', () => {
  it('gives the parts that differ, with both values', async () => {
    const { fingerprint } = await loadPlatform();
    expect(comparePlatforms(fingerprint, { ...fingerprint })).to.deep.equal([]);
    expect(comparePlatforms({ ...fingerprint, engine: 'xsnap 0.14.2' }, fingerprint)).to.deep.equal(
      [{ part: 'engine', stored: 'xsnap 0.14.2', running: fingerprint.engine }],
    );
    const { lockdown, supervisor } = fingerprint;
    expect(
      comparePlatforms(fingerprint, { ...fingerprint, lockdown: supervisor, supervisor: lockdown }),
    ).to.deep.equal([
      { part: 'lockdown', stored: lockdown, running: supervisor },
      { part: 'supervisor', stored: supervisor, running: lockdown },
    ]);
  });
});
