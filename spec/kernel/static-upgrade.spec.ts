import { expect } from 'chai';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import type { BundleID, VatID } from '../../lib/types/ids.js';
import { sourceOf } from '../support/swingset.js';
import { startDemo, type Demo } from './support/demo.js';

const source = (name: string) => ({
  sourceSpec: sourceOf(import.meta.url, `vats/${name}.js`),
});

const suspendedVats = (demo: Demo): VatID[] =>
  demo.controller
    .getStatus()
    .activeVats.filter(({ suspended }) => suspended)
    .map(({ id }) => id);

describe("the host's upgrade of a static vat", () => {
  const start = async (config: SwingSetConfig = {}) => {
    const demo = await startDemo('local', { config });
    const idOf = (name: string): VatID => demo.controller.vatNameToID(name);
    const bundleOf = (name: string): BundleID => {
      const source = demo.kernelStorage.kvStore.get(`${idOf(name)}.source`) ?? '{}';
      return (JSON.parse(source) as { bundleID: BundleID }).bundleID;
    };
    return { demo, idOf, bundleOf };
  };

  it('does not wait for an answer to pauseService of a vat that is suspended', async () => {
    const { demo, idOf, bundleOf } = await start();
    await demo.controller.suspendVat(idOf('alice'));
    const upgraded = demo.controller.upgradeStaticVat('alice', true, bundleOf('alice'), {});
    await demo.run();
    expect(demo.resultOf(upgraded)).to.deep.equal({ incarnationNumber: 1 });
    expect(suspendedVats(demo)).to.deep.equal([]);
  });

  const sulky = (how: string): SwingSetConfig => ({
    vats: { sulky: { ...source('sulky'), parameters: { how } } },
  });
  const toldTo = (demo: Demo, id: VatID) =>
    demo.slog
      .filter(({ type, vatID }) => type === 'deliver' && vatID === id)
      .map(({ dispatch, kd }) => (JSON.stringify(kd).includes('pauseService') ? 'pause' : dispatch))
      .filter(dispatch => dispatch === 'pause' || dispatch === 'startVat');

  for (const [what, name, config] of [
    ['is not there', 'alice', {}],
    ['fails', 'sulky', sulky('fails')],
  ] as const) {
    it(`asks for a pause first, and goes on where pauseService ${what}`, async () => {
      const { demo, idOf, bundleOf } = await start(config);
      const upgraded = demo.controller.upgradeStaticVat(name, true, bundleOf(name), {});
      await demo.run();
      expect(demo.resultOf(upgraded)).to.deep.equal({ incarnationNumber: 1 });
      expect(toldTo(demo, idOf(name))).to.deep.equal(['startVat', 'pause', 'startVat']);
    });
  }

  it('waits for the answer to pauseService', async () => {
    const { demo, idOf, bundleOf } = await start(sulky('is late'));
    const upgraded = demo.controller.upgradeStaticVat('sulky', true, bundleOf('sulky'), {});
    await demo.run();
    expect(demo.controller.kpStatus(upgraded)).to.equal('unresolved');
    expect(toldTo(demo, idOf('sulky'))).to.deep.equal(['startVat', 'pause']);
    await demo.call('sulky', 'goOn');
    expect(demo.resultOf(upgraded)).to.deep.equal({ incarnationNumber: 1 });
    expect(toldTo(demo, idOf('sulky'))).to.deep.equal(['startVat', 'pause', 'startVat']);
  });

  describe('that fails, of a vat that was told to pause,', () => {
    const startShop = async () => {
      const demo = await startDemo('local', {
        config: {
          vats: { shop: source('shop') },
          bundles: { broken: source('broken') },
        },
      });
      const broken = demo.kernelStorage.kvStore.get('namedBundleID.broken') ?? '';
      const upgrade = () => demo.controller.upgradeStaticVat('shop', true, broken, {});
      const isOpen = () => demo.call('shop', 'isOpen');
      expect(await isOpen()).to.equal(true);
      return { demo, upgrade, isOpen };
    };

    it('ends the pause', async () => {
      const { demo, upgrade, isOpen } = await startShop();
      const upgraded = upgrade();
      await demo.run();
      expect(() => demo.resultOf(upgraded)).to.throw('vat-upgrade failure');
      expect(await isOpen()).to.equal(true);
      expect(await demo.call('shop', 'pauses')).to.equal(1);
    });

    it('ends the pause as well while vat-admin is suspended', async () => {
      const { demo, upgrade, isOpen } = await startShop();
      await demo.controller.suspendVat(demo.controller.vatNameToID('vatAdmin'));
      upgrade();
      await demo.run();
      expect(await demo.call('shop', 'pauses')).to.equal(1);
      expect(await isOpen()).to.equal(true);
    });

    it('or is never done, as vat-admin restarts meanwhile, ends the pause', async () => {
      const { demo, upgrade, isOpen } = await startShop();
      upgrade();
      while ((await demo.controller.step()) > 0) {
        const paused = demo.slog.filter(
          ({ type, kd }) => type === 'deliver' && JSON.stringify(kd).includes('pauseService'),
        );
        if (paused.length > 0) break;
      }
      const vatAdmin = demo.controller.vatNameToID('vatAdmin');
      await demo.controller.suspendVat(vatAdmin);
      await demo.controller.resumeVat(vatAdmin);
      await demo.run();
      expect(await demo.call('shop', 'pauses')).to.equal(1);
      expect(await isOpen()).to.equal(true);
    });
  });

  describe('of vat-admin, which is told to pause,', () => {
    const isServing = async (demo: Demo, name: string) =>
      expect(await demo.host('createVat', name, 'contract')).to.equal('created');

    it('waits for what is under way, and leaves a vat-admin that serves', async () => {
      const { demo, bundleOf } = await start();
      await isServing(demo, 'carol');
      const created = demo.controller.queueToVatRoot('host', 'createVat', ['dave', 'contract']);
      const isBegun = () =>
        demo.controller
          .dump()
          .acceptanceQueue.some(event => JSON.stringify(event).includes('create-vat'));
      while (!isBegun()) expect(await demo.controller.step()).to.equal(1);
      const bundleID = bundleOf('vatAdmin');
      const upgraded = demo.controller.upgradeStaticVat('vatAdmin', true, bundleID, {});
      await demo.run();
      expect(demo.resultOf(created)).to.equal('created');
      // vat-admin decided this promise, and upgrades reject what the old incarnation decided.
      const { body } = demo.controller.kpResolution(upgraded);
      expect(body).to.include('"incarnationNumber":0').and.include('"name":"vatUpgraded"');
      await isServing(demo, 'erin');
      expect(await demo.host('upgrade', 'carol', 'contract')).to.deep.equal([
        'fulfilled',
        { incarnationNumber: 1 },
      ]);
    });

    it('and fails, leaves one that serves as well', async () => {
      const demo = await startDemo('local', { config: { bundles: { broken: source('broken') } } });
      const broken = demo.kernelStorage.kvStore.get('namedBundleID.broken') ?? '';
      const upgraded = demo.controller.upgradeStaticVat('vatAdmin', true, broken, {});
      await demo.run();
      expect(() => demo.resultOf(upgraded)).to.throw('vat-upgrade failure');
      await isServing(demo, 'carol');
    });
  });

  it('is done while vat-admin is suspended, and can be that of vat-admin itself', async () => {
    const { demo, idOf, bundleOf } = await start();
    await demo.controller.suspendVat(idOf('vatAdmin'));
    const bob = demo.controller.upgradeStaticVat('bob', false, bundleOf('bob'), {});
    await demo.run();
    const finished = demo.slog.filter(({ type }) => type === 'vat-upgrade-finish');
    expect(finished).to.have.length(1);
    expect(finished[0]).to.include({ vatID: idOf('bob'), incarnation: 1 });
    expect(demo.controller.kpStatus(bob)).to.equal('unresolved');

    const vatAdmin = demo.controller.upgradeStaticVat('vatAdmin', false, bundleOf('vatAdmin'), {});
    await demo.run();
    expect(demo.resultOf(vatAdmin)).to.deep.equal({ incarnationNumber: 1 });
    expect(demo.resultOf(bob)).to.deep.equal({ incarnationNumber: 1 });
    expect(suspendedVats(demo)).to.deep.equal([]);
    expect(await demo.host('createVat', 'carol', 'contract')).to.equal('created');
  });
});
