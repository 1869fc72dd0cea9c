import { expect } from 'chai';
import { sourceOf } from '../support/swingset.js';
import { demoConfig } from './support/demo.js';
import { expectSameLife, hostOf } from './support/side-by-side.js';

const juggler = { sourceSpec: sourceOf(import.meta.url, './vats/juggler.js') };

describe('this kernel beside SwingSet', function () {
  // SwingSet's kernel is bundled first, and evaluates lockdown and supervisor in each worker.
  this.timeout(300_000);

  it('makes the same cranks, deliveries, syscalls, references, computrons and snapshots', async () => {
    const config = demoConfig({ vats: { ann: juggler } });
    const compared = await expectSameLife(config, async life => {
      const host = hostOf(life);
      const learnt = [
        await host('send', 'alice', 'echo', 1, 2n, 'x', null, [true]),
        await host('send', 'bob', 'refuse', 'not today'),
        await host('pipeline', 'alice', 'self', 'other'),
        await host('relay', 'bob', 'ask', 'ann', 'ring'),
        await host('createVat', 'carol', 'contract', { name: 'carol', vatParameters: { n: 7n } }),
      ];
      await host('keep', 'purse', 'carol', 'makePurse', 10n);
      await host('keep', 'heap', 'carol', 'makeHeapObject');
      await host('give', 'alice', 'hold', 'purse', 'heap');
      await host('promise', 'p', 'carol', 'later');
      await host('send', 'carol', 'put', 'key', 'value');
      learnt.push(
        await host('send', 'carol', 'get', 'key'),
        await host('send', 'purse', 'deposit', 5n),
        await host('send', 'heap', 'ping'),
        await host('createVat', 'dave', 'contract', { vatParameters: { fail: 'unfit' } }),
      );
      await host('forget', 'purse');
      await host('send', 'alice', 'drop');
      learnt.push(
        await host('send', 'carol', 'exit', 'so long'),
        await host('outcome', 'carol:done'),
        await host('outcome', 'p'),
        await host('send', 'carol', 'echo'),
      );
      return learnt;
    });
    expect(compared).to.be.greaterThan(1000);
  });
});
