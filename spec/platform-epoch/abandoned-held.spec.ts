import { join } from 'node:path';
import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { heldLines } from '../../lib/cli/reports.js';
import { rehearsalText } from '../../lib/cli/rehearse.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { rehearsePlatformEpoch } from '../../lib/host/rehearse-platform-epoch.js';
import { renderRehearsalHtml } from '../../lib/platform-epoch/report-html.js';
import { makeTempDir, sourceOf, startLife, type Life } from '../support/swingset.js';
import { makeConfig, resultFor, vatIDs } from './support/fixture.js';

const vat = (file: string) => ({ sourceSpec: sourceOf(import.meta.url, `vats/${file}`) });
const { alice, bob } = vatIDs;

const withShelf: SwingSetConfig = {
  bootstrap: 'boot',
  pinBootstrapRoot: true,
  vats: { boot: vat('shelf-boot.js'), alice: vat('subject.js'), bob: vat('subject.js') },
  devices: { shelf: vat('device-shelf.js') },
};

/** Who holds what a restart abandoned (issue 10, item 3). */
describe('abandoned objects that others hold', () => {
  /** An object in the RAM of alice, which the host holds or not. */
  const makeObject = async (life: Life, { incref = false } = {}) => {
    const { controller } = life;
    const kpid = controller.queueToVatRoot('alice', 'getEphemeral');
    await life.run();
    const kref = controller.kpResolution(kpid, { incref }).slots[0] ?? '';
    return { kref, slot: kslot(kref, 'ephemeral') };
  };
  const nobody = { interface: 'ephemeral', holders: [], asleep: [], queued: 0, parametersOf: [] };

  it('are those of other vats, devices and the host', async () => {
    const life = await startLife({
      config: withShelf,
      worker: 'local',
      platformEpoch: 1,
      deviceEndowments: { shelf: {} },
    });
    for (const name of ['alice', 'bob']) life.controller.pinVatRoot(name);
    await life.run();
    const [maker, keeper] = [
      life.controller.vatNameToID('alice'),
      life.controller.vatNameToID('bob'),
    ];
    const read = await makeObject(life, { incref: true });
    const kept = await makeObject(life);
    life.controller.queueToVatRoot('bob', 'keep', ['kept', kept.slot], 'none');
    const inRAM = await makeObject(life);
    life.controller.queueToVatRoot('bob', 'hold', ['in RAM', inRAM.slot], 'none');
    const shelved = await makeObject(life);
    life.controller.queueToVatRoot('boot', 'shelve', [shelved.slot], 'none');
    const unread = life.controller.queueToVatRoot('alice', 'getEphemeral');
    await life.run();

    life.slog.length = 0;
    await life.reboot({ platformEpoch: 2 });
    const shelf = life.controller.deviceNameToID('shelf');
    const { objectsAbandoned, objectsHeld, abandonedHeld } = resultFor(life, maker);
    expect(objectsAbandoned).to.equal(5);
    expect(objectsHeld).to.equal(4);
    expect(abandonedHeld.map(({ kref }) => kref)).not.to.include(inRAM.kref);
    const of = (wanted: string) => abandonedHeld.find(({ kref }) => kref === wanted);
    expect(of(kept.kref)).to.deep.equal({ ...nobody, kref: kept.kref, holders: [keeper] });
    expect(of(shelved.kref)).to.deep.equal({ ...nobody, kref: shelved.kref, holders: [shelf] });
    expect(of(read.kref)).to.deep.include({ holders: ['host'] });
    const { slots } = life.controller.kpResolution(unread, { incref: false });
    expect(of(slots[0] ?? '')).to.deep.equal({ ...nobody, kref: slots[0], holders: ['host'] });
    expect(resultFor(life, keeper)).to.deep.include({ objectsHeld: 0, abandonedHeld: [] });

    const told = life.slog.filter(({ type }) => type === 'epoch-restart-abandoned');
    expect(told).to.have.length(1);
    expect(told[0]).to.deep.include({ epoch: 2, vatID: maker, objectsHeld: 4, abandonedHeld });
    const lines = heldLines(life.controller.getPlatformRestartReport()?.vats ?? []);
    expect(lines[0]).to.equal(`${maker} alice has lost 4 objects that others still hold:`);
    expect(lines).to.include(`  ${kept.kref} "ephemeral": ${keeper}`);
  });

  it('keep what queued messages and parameters mention apart', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    const given = await makeObject(life);
    await life.call('boot', 'create', 'carol', { vatParameters: { given: given.slot } });
    const never = life.controller.queueToVatRoot('boot', 'never');
    const sent = await makeObject(life);
    life.controller.queueToVatRoot('bob', 'hold', ['a', sent.slot], 'none');
    life.controller.queueToVatObject(kslot(never), 'hold', [sent.slot], 'none');

    await life.reboot({ platformEpoch: 2 });
    const { abandonedHeld } = resultFor(life, alice);
    expect(abandonedHeld).to.deep.equal([
      { ...nobody, kref: given.kref, holders: ['v5'], parametersOf: ['v5'] },
      { ...nobody, kref: sent.kref, queued: 2 },
    ]);
  });

  it('say which holders have not started again, and list those of the others first', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    await life.call('boot', 'create', 'carol');
    await life.call('boot', 'introduce', 'alice', 'getEphemeral', 'carol', 'in RAM');
    const kept = await makeObject(life);
    await life.call('bob', 'keep', 'kept', kept.slot);

    await life.reboot({ platformEpoch: 2, platformRestart: { mode: 'lazy' } });
    const { objectsHeld, abandonedHeld } = resultFor(life, alice);
    expect(objectsHeld).to.equal(2);
    expect(abandonedHeld.map(({ holders, asleep }) => [holders, asleep])).to.deep.equal([
      [[bob], []],
      [['v5'], ['v5']],
    ]);
    expect(heldLines([resultFor(life, alice)]).at(-1)).to.include(': v5 (asleep)');
  });

  it('are in a rehearsal, its text and its page', async () => {
    const path = join(makeTempDir(), 'store');
    const life = await startLife({
      config: makeConfig(),
      worker: 'local',
      platformEpoch: 1,
      store: { path },
    });
    await life.run();
    const { kref, slot } = await makeObject(life);
    await life.call('bob', 'keep', 'kept', slot);
    await life.close();

    const report = await rehearsePlatformEpoch(path, { platformEpoch: 2 });
    expect(report.vats.find(({ vatID }) => vatID === alice)).to.deep.include({
      objectsHeld: 1,
      abandonedHeld: [{ ...nobody, kref, holders: [bob] }],
    });
    expect(rehearsalText(report)).to.include('v3 alice has lost 1 object that others still hold:');
    expect(renderRehearsalHtml(report)).to.include(`<pre>${kref} &quot;ephemeral&quot;: v4</pre>`);
  });
});
