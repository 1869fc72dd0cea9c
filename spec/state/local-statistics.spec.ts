import { join } from 'node:path';
import { expect } from 'chai';
import { kernelChecks } from '../../lib/cli/store-checks.js';
import { kslot } from '../../lib/kernel/delivery/kmarshal.js';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import { startLocalGauges } from '../../lib/state/gauges.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { importSwingStore } from '../../lib/store/importer.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { makeTempDir, sourceOf, startLife } from '../support/swingset.js';

const holder = { sourceSpec: sourceOf(import.meta.url, '../kernel/vats/holder.js') };
const config = { vats: { alice: holder, bob: holder } };
const GAUGES = [
  'kernelObjects',
  'kernelDevices',
  'kernelPromises',
  'kpUnresolved',
  'clistEntries',
  'vats',
];

const gaugesOf = (stats: Readonly<Record<string, number>>) =>
  Object.fromEntries(GAUGES.map(name => [name, stats[name]]));

/** A store with objects and promises held in RAM, and the path of one made of its export. */
const makeImported = async () => {
  const path = join(makeTempDir(), 'store');
  const life = await startLife({ config, worker: 'local', store: { path } });
  const bob = life.controller.pinVatRoot('bob');
  life.controller.pinVatRoot('alice');
  const promise = life.controller.queueToVatRoot('bob', 'makePromise', ['p']);
  await life.call('alice', 'hold', kslot(bob), kslot(promise));
  const gauges = gaugesOf(life.controller.getStats());
  await life.close();

  const imported = join(makeTempDir(), 'imported');
  const { hostStorage } = await importSwingStore(makeSwingStoreExporter(path), imported);
  await hostStorage.commit();
  await hostStorage.close();
  return { path: imported, gauges };
};

describe('statistics of this machine (issue 10)', () => {
  it('are counted where an import brought none, and go on from there', async () => {
    const { path, gauges } = await makeImported();
    expect(gauges).to.include({ vats: 3, kpUnresolved: 1 });
    const life = await startLife({ config, worker: 'local', store: { path } });
    expect(gaugesOf(life.controller.getStats())).to.deep.equal(gauges);
    // Nothing is written before the first crank.
    expect(life.kernelStorage.kvStore.has('local.kernelStats')).to.equal(false);
    await life.call('alice', 'drop');
    await life.call('bob', 'resolve', 'p', 'done');
    life.check({ quiescent: true });
    expect(life.controller.getStats()['kpUnresolved']).to.equal(0);
    await life.close();
    const { ok, problems, notes } = await verifyStore(path, { checks: kernelChecks });
    expect({ ok, problems, notes }).to.deep.equal({ ok: true, problems: [], notes: [] });
  });

  it('survive that the first crank is undone', async () => {
    const { path, gauges } = await makeImported();
    const { kernelStorage, hostStorage } = openSwingStore(path);
    const state = new KernelState(kernelStorage);
    startLocalGauges(state);
    state.beginCrank();
    state.abortCrank();
    expect(gaugesOf(state.stats.all())).to.deep.equal(gauges);
    await hostStorage.close();
  });

  it('are no damage when they are wrong', async () => {
    const { path } = await makeImported();
    const { kernelStorage, hostStorage } = openSwingStore(path);
    kernelStorage.kvStore.set('local.kernelStats', '{"kernelObjects":-2797}');
    expect(checkKernelState(kernelStorage).map(({ severity }) => severity)).to.deep.equal([
      'local',
    ]);
    await hostStorage.commit();
    await hostStorage.close();
    const { ok, notes } = await verifyStore(path, { checks: kernelChecks });
    expect(ok).to.equal(true);
    expect(notes).to.deep.equal([
      {
        kind: 'kernel',
        thing: 'local.kernelStats',
        detail: 'kernelObjects is -2797, counted 3',
        note: 'local',
      },
    ]);
  });
});
