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
