import { expect } from 'chai';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { sourceOf } from '../support/swingset.js';
import { engineWorkers } from '../support/workers.js';
import { startDemo } from './support/demo.js';

const source = (name: string) => ({ sourceSpec: sourceOf(import.meta.url, `./vats/${name}.js`) });
const config: SwingSetConfig = {
  vats: {
    inhabitant: { ...source('inhabitant'), creationOptions: { enableDisavow: true } },
    plain: source('inhabitant'),
  },
  bundles: { loadable: source('loadable') },
};

for (const worker of engineWorkers) {
  describe(`the environment of vats on ${worker}`, () => {
    it('is a frozen compartment with vat data, without clock, chance and input or output', async () => {
      const demo = await startDemo(worker, { config });
      const [, given] = (await demo.host('send', 'inhabitant', 'globals', [
        'console',
        'harden',
        'HandledPromise',
        'Compartment',
        'VatData',
        'assert',
      ])) as [string, string[]];
      expect(given).to.have.length(6);
      const [, absent] = (await demo.host('send', 'inhabitant', 'globals', [
        'process',
        'require',
        'Buffer',
        'setImmediate',
        'setTimeout',
        'setInterval',
        'queueMicrotask',
        'WebAssembly',
      ])) as [string, string[]];
      expect(absent).to.deep.equal([]);
      expect(await demo.host('send', 'inhabitant', 'confinement')).to.deep.equal([
        'fulfilled',
        {
          now: 'throws TypeError',
          random: 'throws TypeError',
          globalThis: 'throws TypeError',
          primordial: 'throws TypeError',
          evaluates: '2',
          hardens: 'true',
          handled: 'function',
        },
      ]);
      const [, vatData] = (await demo.host('send', 'inhabitant', 'vatData')) as [string, string[]];
      expect(vatData).to.include.members([
        'defineDurableKind',
        'defineKind',
        'makeKindHandle',
        'makeScalarBigMapStore',
        'makeScalarBigWeakSetStore',
        'providePromiseWatcher',
        'watchPromise',
      ]);
    });

    it('has the vat powers, and disavow for those that ask for it', async () => {
      const demo = await startDemo(worker, { config });
      const powers = async (vat: string) =>
        (await demo.host('send', vat, 'powers')) as [string, string[]];
      const [, common] = await powers('plain');
      expect(common).to.include.members(['D', 'exitVat', 'exitVatWithFailure', 'testLog']);
      expect(common).not.to.include('disavow');
      expect((await powers('inhabitant'))[1]).to.include('disavow');

      await demo.host('keep', 'thing', 'alice', 'makeHeapObject');
      await demo.host('give', 'inhabitant', 'keep', 'thing');
      expect(await demo.host('send', 'inhabitant', 'use')).to.deep.equal(['fulfilled', 'pong']);
      await demo.host('send', 'inhabitant', 'disavow');
      expect(await demo.host('send', 'inhabitant', 'use')).to.have.property('0', 'rejected');
    });

    it('can load code from a bundlecap', async () => {
      const demo = await startDemo(worker, { config });
      await demo.host('keepBundleCap', 'cap', 'loadable');
      const [status, [bundleID, result]] = (await demo.host(
        'relay',
        'inhabitant',
        'load',
        'cap',
        'double',
        21,
      )) as [string, [string, number]];
      expect([status, result]).to.deep.equal(['fulfilled', 42]);
      expect(bundleID).to.match(/^b1-[0-9a-f]{128}$/);
    });
  });
}
