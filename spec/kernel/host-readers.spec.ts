import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { hashTables } from '../platform-epoch/support/fixture.js';
import { parseVatID } from '../../lib/types/ids.js';
import { startDemo, type Demo } from './support/demo.js';
import { sourceOf } from '../support/swingset.js';

/** With a vat whose results mention an object and a promise. */
const start = () =>
  startDemo('local', {
    config: { vats: { giver: { sourceSpec: sourceOf(import.meta.url, 'vats/giver.js') } } },
  });

const ask = async (demo: Demo, method: string): Promise<string> => {
  const kpid = demo.controller.queueToVatRoot('giver', method);
  await demo.run();
  return kpid;
};

const refCount = (demo: Demo, kref: string) => demo.kernelStorage.kvStore.get(`${kref}.refCount`);

describe('a host that reads', () => {
  it('changes nothing with a second kpResolution, until the promise is gone', async () => {
    const demo = await start();
    const kpid = await ask(demo, 'thing');
    const [thing] = demo.controller.kpResolution(kpid).slots;
    const before = hashTables(demo.store);
    expect(demo.controller.kpResolution(kpid).slots).to.deep.equal([thing]);
    expect(demo.controller.kpResolution(kpid).slots).to.deep.equal([thing]);
    expect(hashTables(demo.store)).to.deep.equal(before);
    await ask(demo, 'settle');
    expect(demo.controller.kpStatus(kpid)).to.equal('unknown');
    expect(() => demo.controller.kpResolution(kpid)).to.throw('a promise that exists');
  });

  it('lets a promise in a result go by reading that', async () => {
    const demo = await start();
    const [inner] = demo.controller.kpResolution(await ask(demo, 'later')).slots;
    await ask(demo, 'settle');
    expect(demo.controller.kpResolution(inner!).body).to.equal('#"at last"');
    await ask(demo, 'settle');
    expect(demo.controller.kpStatus(inner!)).to.equal('unknown');
  });

  it('releases once what SwingSet kept no record of', async () => {
    const demo = await start();
    const kpid = await ask(demo, 'thing');
    demo.kernelStorage.kvStore.delete(`${kpid}.hostInterest`);
    const before = refCount(demo, kpid);
    await demo.reboot();
    expect([before, refCount(demo, kpid)]).to.deep.equal(['1', '1']);
    demo.controller.kpResolution(kpid, { incref: false });
    const after = hashTables(demo.store);
    demo.controller.kpResolution(kpid, { incref: false });
    expect(hashTables(demo.store)).to.deep.equal(after);
    await ask(demo, 'settle');
    expect(demo.controller.kpStatus(kpid)).to.equal('unknown');
  });

  it('changes nothing otherwise', async () => {
    const demo = await start();
    const kpid = await ask(demo, 'thing');
    const { controller } = demo;
    const before = hashTables(demo.store);
    for (const read of [
      () => controller.dump(),
      () => controller.getActivityhash(),
      () => controller.getStats(),
      () => controller.getStatus(),
      () => controller.getPlatformEpoch(),
      () => controller.getEpochLedger(),
      () => controller.getPlatformRestartReport(),
      () => controller.kpStatus(kpid),
      () => controller.kpStatus('kp9999'),
      () => controller.vatNameToID('giver'),
      () => controller.deviceNameToID('vatAdmin'),
      () => controller.getRootObject(parseVatID(controller.vatNameToID('giver'))),
    ]) {
      read();
      expect(hashTables(demo.store), read.toString()).to.deep.equal(before);
    }
    controller.kpResolution(kpid, { inkref: false } as object);
    expect(demo.console.filter(line => line.includes('inkref'))).to.deep.equal([
      'options.inkref: unknown field; did you mean incref?',
    ]);
    expect(controller.queueToVatObject(kslot(kpid, 'a promise'), 'use')).to.match(/^kp/);
    await demo.run();
  });
});
