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

  it('does the same with entangled promises, symbols, and a vat that takes messages early', async () => {
    const pipeliner = {
      sourceSpec: sourceOf(import.meta.url, './vats/pipeliner.js'),
      creationOptions: { managerType: 'local', enableSetup: true, enablePipelining: true },
    } as const;
    const config = demoConfig({ vats: { ann: juggler, ben: juggler, pipeliner } });
    const compared = await expectSameLife(config, async life => {
      const host = hostOf(life);
      const learnt = [];
      for (const method of ['ring', 'loop', 'tree']) {
        learnt.push(await host('relay', 'ben', 'goRound', 'ann', method, 2));
      }
      await host('promise', 'p', 'ben', 'forwarded', 'follower');
      await host('keep', 'leader', 'ann', 'promise', 'leader');
      await host('relay', 'ben', 'follow', 'follower', 'leader');
      await host('send', 'ann', 'resolve', 'leader', 'led');
      learnt.push(await host('outcome', 'p'), await host('give', 'ben', 'symbols', 'ann'));
      await host('promise', 'q', 'pipeliner', 'later');
      for (const text of ['one', 'two']) {
        life.controller.queueToVatRoot('host', 'send', ['q', 'note', text], 'none');
      }
      await life.run();
      learnt.push(await host('send', 'pipeliner', 'early'));
      await host('give', 'pipeliner', 'become', 'bob');
      learnt.push(await host('send', 'bob', 'inbox'));
      await host('keep', 'r', 'ann', 'promise', 'r');
      life.controller.queueToVatRoot('host', 'relay', ['ben', 'callPromise', 'r', 'x'], 'none');
      await life.run();
      learnt.push(await host('send', 'ann', 'reject', 'r', Error('contagion')));
      return learnt;
    });
    expect(compared).to.be.greaterThan(1000);
  });

  it('collects the same garbage at the same moments', async () => {
    const config = demoConfig();
    const compared = await expectSameLife(config, async life => {
      const host = hostOf(life);
      for (const [name, method] of [
        ['heap', 'makeHeapObject'],
        ['bank', 'bank'],
      ] as const) {
        await host('keep', name, 'alice', method);
        await host('give', 'bob', 'hold', name);
        await host('give', 'bob', 'see', name);
        await host('forget', name);
      }
      await host('keep', 'purse', 'alice', 'makePurse', 1n);
      await host('give', 'bob', 'keepVirtually', 'purse', 'bob');
      await host('send', 'bob', 'drop');
      await host('forget', 'purse');
      await host('createVat', 'carol', 'contract');
      await host('keep', 'of carol', 'carol', 'makeHeapObject');
      await host('give', 'alice', 'hold', 'of carol', 'carol');
      await host('send', 'carol', 'exit', 'over');
      return [await host('send', 'of carol', 'ping'), await host('send', 'alice', 'inbox')];
    });
    expect(compared).to.be.greaterThan(1000);
  });

  it('takes the same from meters', async () => {
    await expectSameLife(demoConfig(), async life => {
      const host = hostOf(life);
      const learnt: unknown[] = [];
      const read = async () => learnt.push(await host('meter', 'm'));
      await host('createMeter', 'm', 200_000_000n, 1_000n);
      await host('createVat', 'carol', 'contract', { meter: 'm' });
      await read();
      await host('send', 'carol', 'echo', 1);
      await read();
      await host('relay', 'carol', 'ask', 'alice', 'echo');
      await read();
      await host('keep', 'heap', 'carol', 'makeHeapObject');
      await host('forget', 'heap');
      await read();
      return learnt;
    });
  });
});
