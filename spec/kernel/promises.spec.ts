import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { KernelPanicError } from '../../lib/kernel/delivery/errors.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { sourceOf } from '../support/swingset.js';
import { workers } from '../support/workers.js';
import { startDemo, type Demo } from './support/demo.js';
import { failureOf } from '../support/failure.js';

const juggler = { sourceSpec: sourceOf(import.meta.url, './vats/juggler.js') };
const config: SwingSetConfig = {
  vats: {
    ann: juggler,
    ben: juggler,
    pipeliner: {
      sourceSpec: sourceOf(import.meta.url, './vats/pipeliner.js'),
      creationOptions: { managerType: 'local', enableSetup: true, enablePipelining: true },
    },
  },
};

for (const worker of workers) {
  describe(`promises between vats on ${worker}`, () => {
    let demo: Demo;
    beforeEach(async () => {
      demo = await startDemo(worker, { config });
    });
    const inbox = () => demo.host('send', 'bob', 'inbox');

    it('are forwarded: a result that is a promise settles as that does', async () => {
      await demo.host('promise', 'p', 'ann', 'forwarded', 'first');
      await demo.host('promise', 'q', 'ann', 'forwarded', 'second');
      await demo.host('send', 'ann', 'resolve', 'first', 7n);
      await demo.host('send', 'ann', 'reject', 'second', Error('no'));
      expect(await demo.host('outcome', 'p')).to.deep.equal(['fulfilled', 7n]);
      expect(await demo.host('outcome', 'q')).to.deep.equal(['rejected', 'no']);
    });

    it('follow promises of other vats, over two walls', async () => {
      // ben's promise follows ann's; the host waits for ben's.
      await demo.host('promise', 'p', 'ben', 'forwarded', 'follower');
      await demo.host('keep', 'leader', 'ann', 'promise', 'leader');
      await demo.host('give', 'ben', 'resolve', 'name', 'leader');
      await demo.host('relay', 'ben', 'follow', 'follower', 'leader');
      await demo.host('send', 'ann', 'resolve', 'leader', 'led');
      expect(await demo.host('outcome', 'p')).to.deep.equal(['fulfilled', 'led']);
    });

    it('that follow each other in a ring stay unresolved, and harm nobody', async () => {
      await demo.host('keep', 'a', 'ann', 'promise', 'a');
      await demo.host('keep', 'b', 'ben', 'promise', 'b');
      await demo.host('relay', 'ann', 'follow', 'a', 'b');
      await demo.host('relay', 'ben', 'follow', 'b', 'a');
      const kpid = demo.controller.queueToVatRoot('host', 'relay', ['ann', 'settleAll', 'a']);
      await demo.run();
      expect(demo.controller.kpStatus(kpid)).to.equal('unresolved');
      expect(await demo.host('send', 'ann', 'call')).to.have.property('0', 'rejected');
    });

    it('may be resolved to data that holds them: rings and loops arrive whole', async () => {
      for (const method of ['ring', 'loop']) {
        expect(await demo.host('relay', 'ben', 'goRound', 'ann', method, 6)).to.deep.equal([
          'fulfilled',
          'still a promise after 6',
        ]);
      }
    });

    it('pass on what they are resolved to, and their rejections', async () => {
      await demo.host('keep', 'p', 'ann', 'promise', 'p');
      const queued = demo.controller.queueToVatRoot('host', 'relay', [
        'ben',
        'callPromise',
        'p',
        'x',
      ]);
      await demo.run();
      expect(demo.controller.kpStatus(queued)).to.equal('unresolved');
      await demo.host('send', 'ann', 'reject', 'p', Error('contagion'));
      expect(demo.resultOf(queued)).to.deep.equal(['rejected', 'contagion']);

      await demo.host('keep', 'q', 'ann', 'promise', 'q');
      const toData = demo.controller.queueToVatRoot('host', 'relay', [
        'ben',
        'callPromise',
        'q',
        'x',
      ]);
      await demo.host('send', 'ann', 'resolve', 'q', 'data');
      expect(demo.resultOf(toData)).to.deep.equal([
        'rejected',
        'data is not callable, has no method x',
      ]);

      await demo.host('keep', 'promise of r', 'ann', 'promise', 'r');
      const toObject = demo.controller.queueToVatRoot('host', 'relay', [
        'ben',
        'callPromise',
        'promise of r',
        'note',
        'arrived',
      ]);
      await demo.host('relay', 'ann', 'resolve', 'r', 'bob');
      expect(demo.resultOf(toObject)).to.deep.equal(['fulfilled', undefined]);
      expect(await inbox()).to.deep.equal(['fulfilled', ['arrived']]);
    });

    it('of a pipelining vat: it gets messages early, and sends them on in order', async () => {
      await demo.host('promise', 'p', 'pipeliner', 'later');
      const kpids = ['one', 'two'].map(text =>
        demo.controller.queueToVatRoot('host', 'send', ['p', 'note', text]),
      );
      await demo.run();
      expect(await demo.host('send', 'pipeliner', 'early')).to.deep.equal([
        'fulfilled',
        [
          [0, 'note'],
          [0, 'note'],
        ],
      ]);
      expect(kpids.map(kpid => demo.controller.kpStatus(kpid))).to.deep.equal([
        'unresolved',
        'unresolved',
      ]);
      await demo.host('give', 'pipeliner', 'become', 'bob');
      expect(kpids.map(kpid => demo.resultOf(kpid))).to.deep.equal([
        ['fulfilled', undefined],
        ['fulfilled', undefined],
      ]);
      expect(await inbox()).to.deep.equal(['fulfilled', ['one', 'two']]);
    });

    it('of any other vat wait in the kernel, which the vat does not notice', async () => {
      await demo.host('promise', 'p', 'alice', 'later');
      demo.controller.queueToVatRoot('host', 'send', ['p', 'note', 'queued']);
      const before = demo.slog.length;
      await demo.run();
      const early = demo.slog.slice(before).filter(({ type, vatID }) => {
        return type === 'deliver' && vatID === demo.controller.vatNameToID('alice');
      });
      expect(early.map(({ dispatch }) => dispatch)).not.to.include('message');
      await demo.host('give', 'alice', 'resolveLater', 'bob');
      expect(await inbox()).to.deep.equal(['fulfilled', ['queued']]);
    });

    it('reach methods named by well-known and by registered symbols', async () => {
      const [status, outcomes] = (await demo.host('give', 'ben', 'symbols', 'ann')) as [
        string,
        { status: string; value?: unknown }[],
      ];
      expect(status).to.equal('fulfilled');
      expect(outcomes.map(({ value }) => value)).to.deep.equal([
        'asyncIterator',
        'iterator',
        'registered',
      ]);
    });

    it('are not there for E.sendOnly, nor is the message: stock liveslots loses it', async () => {
      expect(await demo.host('relay', 'ann', 'sendOnly', 'bob', 'note', 'lost')).to.deep.equal([
        'fulfilled',
        undefined,
      ]);
      expect(await inbox()).to.deep.equal(['fulfilled', []]);
    });

    it('are the targets of host messages as well, and of interest to hosts', async () => {
      const { controller } = demo;
      const root = controller.queueToVatRoot('alice', 'self');
      const other = controller.queueToVatObject(kslot(root), 'other');
      const ping = controller.queueToVatObject(kslot(other), 'ping');
      await demo.run();
      expect(demo.resultOf(ping)).to.equal('pong of the other');

      const kpid = controller.queueToVatRoot('alice', 'echo', [1]);
      controller.kpRegisterInterest(kpid);
      await demo.run();
      // Two interests: it is there for two readings, and gone with the crank after the second.
      controller.kpResolution(kpid);
      await demo.host('send', 'alice', 'echo');
      expect(controller.kpStatus(kpid)).to.equal('fulfilled');
      controller.kpResolution(kpid);
      await demo.host('send', 'alice', 'echo');
      expect(controller.kpStatus(kpid)).to.equal('unknown');
    });
  });
}

describe('the policy for the result of a host message', () => {
  it('is to be quiet, to log, to log failures, or to make no promise', async () => {
    const demo = await startDemo('local');
    const { controller } = demo;
    const lines = async (method: string, policy: 'ignore' | 'logAlways' | 'logFailure') => {
      demo.console.length = 0;
      const kpid = controller.queueToVatRoot('alice', method, ['word'], policy);
      await demo.run();
      return demo.console.filter(line => line.includes(kpid));
    };
    expect(await lines('echo', 'ignore')).to.deep.equal([]);
    expect(await lines('refuse', 'ignore')).to.deep.equal([]);
    expect(await lines('echo', 'logAlways')).to.have.length(1);
    expect(await lines('refuse', 'logAlways')).to.have.length(1);
    expect(await lines('echo', 'logFailure')).to.deep.equal([]);
    expect((await lines('refuse', 'logFailure'))[0]).to.contain('word');

    const before = controller.getStats()['kernelPromises'];
    expect(controller.queueToVatRoot('alice', 'note', ['no promise'], 'none')).to.equal(undefined);
    expect(controller.getStats()['kernelPromises']).to.equal(before);
    await demo.run();
    expect(await demo.host('send', 'alice', 'inbox')).to.deep.equal(['fulfilled', ['no promise']]);
    expect(() => controller.queueToVatRoot('alice', 'note', [], 'nope' as 'none')).to.throw(
      /none, ignore/,
    );
  });

  it('panic stops the kernel at the rejection, and is that of bootstrap', async () => {
    const demo = await startDemo('local', { checkAtEnd: false });
    demo.controller.queueToVatRoot('alice', 'refuse', ['the end'], 'panic');
    const error = await failureOf(demo.controller.run());
    expect(error).to.be.instanceOf(KernelPanicError);
    expect(String(error)).to.contain('the end');

    const booting = startDemo('local', {
      checkAtEnd: false,
      config: { vats: { host: juggler } },
    });
    expect(await booting.then(() => 'booted', String)).to.match(/bootstrap/);
  });
});
