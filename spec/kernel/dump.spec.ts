import { expect } from 'chai';
import { sourceOf } from '../support/swingset.js';
import { startRawVats } from './support/raw-vats.js';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
const done = { body: '#"done"', slots: [] };

describe('dump()', () => {
  it('has the rows that SwingSet’s has after the same deliveries, in the same order', async () => {
    const { life, id, act } = await startRawVats(names);
    const { controller } = life;
    await act('a', [], ...['b', 'i'].map(name => controller.getRootObject(id(name))));
    const things = { body: '#["do",[[],"$0","&1"]]', slots: ['o+100', 'p+1'] };
    const steps = ['o-50', 'o-51'].map(root => ['send', root, things] as const);
    await act('a', steps);
    await act('b', [
      ['dropImports', ['o-50']],
      ['subscribe', 'p-60'],
    ]);
    await act('a', [['abandonExports', ['o+100']]]);
    controller.queueToVatRoot('c', 'do', [[]], 'panic');

    const { objects, kernelTable, promises, vatTables, ...queues } = controller.dump();
    expect(objects).to.deep.equal([
      ['ko20', 'v1', 1, 1],
      ['ko21', 'v2', 1, 1],
      ['ko22', 'v3', 2, 2],
      ['ko23', 'v4', 2, 2],
      ...[24, 25, 26, 27, 28].map(each => [`ko${each}`, `v${each - 19}`, 1, 1]),
      ['ko29', 'v10', 2, 2],
      ['ko30', undefined, 1, 2],
    ]);
    // Our devices have their root nodes also where no bootstrap message names them.
    const ofVats = kernelTable.filter(([kref]) => !kref.startsWith('kd'));
    expect(ofVats.map(row => row.join(' '))).to.deep.equal([
      ...['ko20 v1 o+0', 'ko21 v2 o+0', 'ko22 v2 o-50', 'ko22 v3 o+0'],
      ...[23, 24, 25, 26, 27, 28].map(each => `ko${each} v${each - 19} o+0`),
      ...['ko29 v2 o-51', 'ko29 v10 o+0', 'ko30 v3 o-50', 'ko30 v10 o-50'],
      ...['kp42 v2 p+1', 'kp42 v3 p-60', 'kp42 v10 p-60'],
    ]);
    const common = { state: 'unresolved', subscribers: [], queue: [] };
    const resolved = (id: string) => ({ id, state: 'fulfilled', refCount: 1, data: done });
    expect(promises).to.deep.equal([
      resolved('kp40'),
      resolved('kp41'),
      { ...common, id: 'kp42', refCount: 3, decider: 'v2', policy: 'ignore', subscribers: ['v3'] },
      resolved('kp43'),
      resolved('kp44'),
      { ...common, id: 'kp45', refCount: 2, policy: 'panic' },
    ]);
    const msg = { methargs: { body: '#["do",[[]]]', slots: [] }, result: 'kp45' };
    expect(queues).to.deep.equal({
      ...{ log: [], gcActions: [], reapQueue: [], runQueue: [] },
      acceptanceQueue: [{ type: 'send', target: 'ko23', msg }],
    });
    expect(vatTables.map(({ vatID }) => vatID)).to.deep.equal(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(each => `v${each}`),
    );
    // What is counted of messages is the same as well.
    expect(controller.getStats()).to.deep.include({
      ...{ dispatches: 6, dispatchDeliver: 6, dispatchNotify: 0 },
      ...{ syscallSend: 7, syscallSubscribe: 1, syscallResolve: 4, syscallDropImports: 0 },
      ...{ runQueueLengthUp: 16, acceptanceQueueLengthUp: 17, kernelPromisesUp: 6 },
    });
    const { transcript } = vatTables[3]?.['state'] as { transcript: [number, { d: unknown[] }][] };
    expect(transcript.map(([position, { d }]) => [position, d[0]])).to.deep.equal([
      [0, 'initialize-worker'],
      [1, 'startVat'],
    ]);
  });

  it('has the rows of devices, before those of vats', async () => {
    const keeper = { sourceSpec: sourceOf(import.meta.url, './vats/device-keeper.js') };
    const { life, act } = await startRawVats(['a'], {}, { devices: { keeper } });
    await act('a', [], 'kd30');
    const rows = life.controller.dump().kernelTable.filter(([kref]) => kref === 'kd30');
    expect(life.controller.dump().log).to.deep.equal(['keeper1began']);
    const deviceID = rows[0]?.[1];
    expect(deviceID).to.match(/^d[0-9]+$/);
    expect(rows).to.deep.equal([
      ['kd30', deviceID, 'd+0'],
      ['kd30', 'v2', 'd-70'],
    ]);
  });
});
