import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { startDemo, type Demo } from './support/demo.js';

const optionsOf = ({ controller }: Demo, name: string) =>
  controller.getStatus().activeVats.find(({ options }) => options.name === name)?.options;

describe('the limit of computrons of vats without a meter, on xsnap', () => {
  it('ends a vat that loops, and no other; it is recorded when an incarnation starts', async () => {
    const demo = await startDemo('xsnap', { config: { vats: {}, computronLimit: 150_000_000 } });
    expect(optionsOf(demo, 'alice')?.limits).to.deep.equal({ table: 1, computrons: 150_000_000 });
    demo.controller.changeKernelOptions({ computronLimit: 'never' });
    await demo.host('createVat', 'carol', 'contract', { name: 'carol' });
    expect(optionsOf(demo, 'carol')?.limits).to.deep.equal({ table: 1 });
    // Another limit takes effect with the next incarnation.
    expect(optionsOf(demo, 'alice')?.limits).to.deep.equal({ table: 1, computrons: 150_000_000 });
    expect(await demo.host('send', 'alice', 'spin')).to.deep.equal(['rejected', 'vat terminated']);
    expect(JSON.stringify(demo.slog.find(({ type }) => type === 'terminate')?.info)).to.include(
      'Compute meter exceeded',
    );
    expect(await demo.host('send', 'bob', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
  });

  it('leaves a margin for replays: what was allowed does not kill the worker', async () => {
    const demo = await startDemo('xsnap', { config: { vats: {}, snapshotInitial: 1000 } });
    const alice = demo.controller.vatNameToID('alice');
    expect(await demo.host('send', 'alice', 'work', 2_500_000)).to.have.property('0', 'fulfilled');
    const taken = demo.slog
      .filter(({ type, vatID }) => type === 'deliver-result' && vatID === alice)
      .map(({ dr }) => (dr as [string, null, { compute: number }])[2].compute);
    const most = Math.max(...taken);
    // As if it had been a little less when it was new.
    const { kvStore } = demo.kernelStorage;
    const options = JSON.parse(kvStore.get(`${alice}.options`) ?? '') as object;
    const limits = { table: 1, computrons: Math.floor(most * 0.9) };
    kvStore.set(`${alice}.options`, JSON.stringify({ ...options, limits }));
    await demo.reboot();
    expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
    const replays = demo.slog.filter(
      ({ type, vatID }) => type === 'start-replay' && vatID === alice,
    );
    expect(replays.at(-1)?.deliveries).to.be.at.least(taken.length);
    // The process bears it again; the kernel does not.
    expect(await demo.host('send', 'alice', 'work', 2_500_000)).to.deep.equal([
      'rejected',
      'vat terminated',
    ]);
    expect(JSON.stringify(demo.slog.find(({ type }) => type === 'terminate')?.info)).to.include(
      'Compute meter exceeded',
    );
  });

  it('is an integer within bounds, or never', async () => {
    const demo = await startDemo('local');
    for (const computronLimit of [0, 999_999, 1_600_000_001, 1.5, 'always']) {
      expect(() => demo.controller.changeKernelOptions({ computronLimit })).to.throw(
        BadOptionError,
        'options.computronLimit',
      );
    }
  });
});
