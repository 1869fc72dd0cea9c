import { expect } from 'chai';
import { workers } from '../support/workers.js';
import { startDemo, type Demo } from './support/demo.js';

for (const worker of workers) {
  describe(`messages between vats on ${worker}`, () => {
    let demo: Demo;
    beforeEach(async () => {
      demo = await startDemo(worker);
    });

    it('carry data of every passable kind there and back', async () => {
      const data = [
        1,
        NaN,
        Infinity,
        2n ** 70n,
        'text',
        true,
        null,
        undefined,
        ['nested', { a: 1n }],
      ];
      expect(await demo.host('send', 'alice', 'echo', ...data)).to.deep.equal(['fulfilled', data]);
      expect(await demo.host('send', 'alice', 'parameters')).to.deep.equal([
        'fulfilled',
        { who: 'alice' },
      ]);
    });

    it('bring rejections to the sender with their message', async () => {
      expect(await demo.host('send', 'bob', 'refuse', 'not today')).to.deep.equal([
        'rejected',
        'not today',
      ]);
      const [status, problem] = (await demo.host('send', 'bob', 'noSuchMethod')) as string[];
      expect(status).to.equal('rejected');
      expect(problem).to.match(/noSuchMethod/);
    });

    it('go down a pipeline of promises, to objects made on the way', async () => {
      expect(await demo.host('pipeline', 'alice', 'self', 'other')).to.have.property(
        '0',
        'fulfilled',
      );
      expect(await demo.host('pipeline', 'alice', 'makeHeapObject', 'ping')).to.deep.equal([
        'fulfilled',
        'pong',
      ]);
      const [status, problem] = (await demo.host(
        'pipeline',
        'alice',
        'incarnations',
        'ping',
      )) as string[];
      expect(status).to.equal('rejected');
      expect(problem).to.equal('data is not callable, has no method ping');
    });

    it('keep the identity of objects over three vats', async () => {
      await demo.host('keep', 'thing', 'alice', 'makeHeapObject');
      await demo.host('give', 'bob', 'hold', 'thing', 'alice');
      expect(await demo.host('give', 'bob', 'holdsSame', 'thing')).to.deep.equal([
        'fulfilled',
        true,
      ]);
      expect(await demo.host('give', 'bob', 'holdsSame', 'bob')).to.deep.equal([
        'fulfilled',
        false,
      ]);
    });

    it('wait for promises that a third vat resolves or rejects later', async () => {
      await demo.host('promise', 'p', 'alice', 'later');
      await demo.host('give', 'bob', 'awaitAndNote', 'p');
      expect(await demo.host('send', 'bob', 'inbox')).to.deep.equal(['fulfilled', []]);
      await demo.host('send', 'alice', 'resolveLater', 'at last');
      expect(await demo.host('outcome', 'p')).to.deep.equal(['fulfilled', 'at last']);
      expect(await demo.host('send', 'bob', 'inbox')).to.deep.equal([
        'fulfilled',
        [['fulfilled', 'at last']],
      ]);
    });

    it('reach methods named by symbols, and need nobody to wait', async () => {
      const { controller } = demo;
      const bySymbol = controller.queueToVatRoot('alice', Symbol.for('namedBySymbol'), []);
      const wellKnown = controller.queueToVatRoot('alice', Symbol.asyncIterator, []);
      await demo.run();
      expect(demo.resultOf(bySymbol)).to.equal('by symbol');
      expect(demo.resultOf(wellKnown)).to.equal('by well-known symbol');
      await demo.host('cast', 'alice', 'note', 'one');
      await demo.host('cast', 'alice', 'note', 'two');
      expect(await demo.host('send', 'alice', 'inbox')).to.deep.equal([
        'fulfilled',
        ['one', 'two'],
      ]);
    });

    it('wait in order for an unresolved promise, and follow it', async () => {
      await demo.host('promise', 'p', 'alice', 'later');
      const first = demo.controller.queueToVatRoot('host', 'send', ['p', 'note', 'first']);
      const second = demo.controller.queueToVatRoot('host', 'send', ['p', 'note', 'second']);
      await demo.run();
      expect(demo.controller.kpStatus(first)).to.equal('unresolved');
      await demo.host('give', 'alice', 'resolveLater', 'bob');
      expect(demo.resultOf(first)).to.deep.equal(['fulfilled', undefined]);
      expect(demo.resultOf(second)).to.deep.equal(['fulfilled', undefined]);
      expect(await demo.host('send', 'bob', 'inbox')).to.deep.equal([
        'fulfilled',
        ['first', 'second'],
      ]);
    });

    it('survive a reboot: heap, durable and virtual state are where they were', async () => {
      await demo.host('send', 'alice', 'put', 'key', 'value');
      await demo.host('send', 'alice', 'note', 'in the heap');
      await demo.host('keep', 'purse', 'alice', 'makePurse', 10n);
      await demo.reboot();
      expect(await demo.host('send', 'alice', 'get', 'key')).to.deep.equal(['fulfilled', 'value']);
      expect(await demo.host('send', 'alice', 'inbox')).to.deep.equal([
        'fulfilled',
        ['in the heap'],
      ]);
      expect(await demo.host('send', 'purse', 'deposit', 5n)).to.deep.equal(['fulfilled', 15n]);
    });
  });
}
