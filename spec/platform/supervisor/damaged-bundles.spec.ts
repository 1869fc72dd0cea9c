import { expect } from 'chai';
import { OWN } from '../../../lib/platform/choices.js';
import { loadPlatform } from '../../../lib/platform/load-platform.js';
import type { Bundle } from '../../../lib/store/types.js';
import { computeBundleID } from '../../../lib/platform/bundle-id.js';
import { call, startVat, useFixtures, v1 } from '../../workers/support/fixture.js';
import { openStore } from '../../workers/support/store.js';
import {
  bundleOf,
  bundlePackages,
  esModule,
  FAR,
  fileOf,
  partsOf,
  rawModule,
  zipOf,
} from './support/archives.js';

const VAT = esModule(`${FAR}export const buildRootObject = () => Far('root', { ask: () => 7 });`);

const withFile = (): Bundle => {
  const { map, files } = partsOf({ program: { './vat.js': VAT } });
  const more = new Map([...files, ['program-v1.0.0/more.js', Buffer.from('more')]]);
  const { zip, mapBytes } = zipOf({ map, files: more });
  return bundleOf(zip, mapBytes);
};

/** Bundles that a store accepts, because their hashes are right. */
const BAD: Readonly<Record<string, readonly [Bundle, problem: string]>> = {
  'a module that lies about its format': [
    bundlePackages({ program: { './vat.js': fileOf('pre-mjs-json', 'export {};') } }),
    `"program-v1.0.0/vat.js" is not JSON in UTF-8`,
  ],
  'a functor that could close what is around it': [
    bundlePackages({ program: { './vat.js': rawModule('0); evil(); (() => {}') } }),
    `"program-v1.0.0/vat.js" __syncModuleProgram__ must be a function in parentheses`,
  ],
  'a file that no module has': [withFile(), `"program-v1.0.0/more.js" belongs to no module`],
};

describe('a vat on our platform', () => {
  const makeFixture = useFixtures();

  it('fails at its start if its bundle is bad, and never runs', async () => {
    const platform = await loadPlatform(OWN);
    for (const [title, [bundle, problem]] of Object.entries(BAD)) {
      const { kernelStorage } = openStore();
      const { addVat, deliver, kernelOf, transcript } = await makeFixture({
        kernelStorage,
        platform,
      });
      await addVat({ bundle: { bundle, bundleID: computeBundleID(bundle) }, worker: 'image' });
      const [status, text] = await deliver(startVat());
      expect(status, title).to.equal('error');
      expect(text).to.include(`BadArchiveError: the bundle's archive is bad: ${problem}`);
      expect(kernelOf().syscalls).to.deep.equal([]);
      expect(transcript().at(-1)).to.include('"status":"error"');
    }
  });

  it('starts from a good bundle, also from the platform bundles alone, and after an eviction', async () => {
    const platform = await loadPlatform(OWN);
    const bundle = bundlePackages({ program: { './vat.js': VAT } });
    for (const worker of ['image', 'xsnap'] as const) {
      const { kernelStorage } = openStore();
      const { addVat, deliver, kernelOf, warehouse } = await makeFixture({
        kernelStorage,
        platform,
      });
      await addVat({ bundle: { bundle, bundleID: computeBundleID(bundle) }, worker });
      expect(await deliver(startVat())).to.have.property('0', 'ok');
      await warehouse.stopWorker(v1);
      expect(await deliver(call('ask'))).to.have.property('0', 'ok');
      expect(kernelOf().resolution()).to.equal(7);
    }
  });
});
