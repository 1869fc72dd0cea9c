import bundleSource from '@endo/bundle-source';
import { expect } from 'chai';
import { BadBundleError } from '../../lib/controller/errors.js';
import { computeBundleID } from '../../lib/platform/bundle-id.js';
import type { Bundle } from '../../lib/store/types.js';
import { sourceOf } from '../support/swingset.js';
import { engineWorkers } from '../support/workers.js';
import { startDemo } from './support/demo.js';
import { failureOf } from '../support/failure.js';

const counter = sourceOf(import.meta.url, './vats/counter.js');
const formats = ['endoZipBase64', 'nestedEvaluate'] as const;

for (const worker of engineWorkers) {
  describe(`bundles of vats on ${worker}`, () => {
    for (const format of formats) {
      it(`may be ${format}, in the configuration and at run time`, async () => {
        const bundle = (await bundleSource(counter, { format, dev: true })) as Bundle;
        const demo = await startDemo(worker, {
          config: { vats: { counter: { bundle } }, bundles: { named: { bundle } } },
        });
        expect(await demo.host('send', 'counter', 'increment')).to.have.property('0', 'fulfilled');
        expect(await demo.host('createVat', 'one', 'named')).to.equal('created');
        expect(await demo.host('send', 'one', 'increment')).to.have.property('0', 'fulfilled');

        const bundleID = computeBundleID(bundle);
        expect(await demo.controller.validateAndInstallBundle(bundle)).to.equal(bundleID);
        expect(await demo.controller.validateAndInstallBundle(bundle, bundleID)).to.equal(bundleID);
        const refusal = await failureOf(
          demo.controller.validateAndInstallBundle(bundle, `b1-${'0'.repeat(128)}`),
        );
        expect(refusal).to.be.instanceOf(BadBundleError);
        await demo.reboot();
        expect(await demo.host('send', 'one', 'increment')).to.have.property('0', 'fulfilled');
      });
    }
  });
}

describe('a bundle of format getExport', () => {
  it('is refused before anything is written, as no swingstore can hold it', async () => {
    const bundle = (await bundleSource(counter, { format: 'getExport' })) as Bundle;
    const refusal = await failureOf(
      startDemo('local', { config: { vats: { counter: { bundle } } } }),
    );
    expect(String(refusal)).to.match(/endoZipBase64.*nestedEvaluate|nestedEvaluate.*endoZipBase64/);
  });
});
