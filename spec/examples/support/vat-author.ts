/** The vats of docs/vat-author.md, through an epoch in each mode: what the page says is so. */
import { expect } from 'chai';
import { buildBridge } from '../../../lib/index.js';
import { startTestSwingset } from '../../../lib/testing/testing.js';
import type {
  CallOutcome,
  Reference,
  SentCall,
  TestEpochResult,
  TestReferences,
  TestSwingset,
} from '../../../lib/testing/testing.js';
import { bundleCachePath } from '../../support/bundle-cache.js';
import { failureOf } from '../../support/failure.js';

const sourceOf = (name: string) =>
  new URL(`../../../examples/vat-author/${name}.js`, import.meta.url);

const PLAIN = [
  ...['baggage', 'kinds', 'missing-kind', 'collections', 'exports', 'keeper', 'in-flight'],
  ...['watcher', 'device', 'lost'],
];

const withTimerService = ({ timerService }: TestReferences) => ({ timerService });

const vats = {
  ...Object.fromEntries(PLAIN.map(name => [name, { source: sourceOf(name) }])),
  'ram-port': { source: sourceOf('device') },
  timers: { source: sourceOf('timers'), vatParameters: withTimerService },
  notifiers: { source: sourceOf('notifiers'), vatParameters: withTimerService },
  parameters: {
    source: sourceOf('parameters'),
    vatParameters: ({ root }: TestReferences) => ({ fee: 3, counter: root('baggage') }),
  },
  retained: {
    source: sourceOf('parameters'),
    vatParameters: ({ root }: TestReferences) => ({ fee: 5, counter: root('baggage') }),
  },
};

const gone = { name: 'vatUpgraded', upgradeMessage: 'platform epoch 2', incarnationNumber: 0 };

const rejectedWith = (reason: unknown): CallOutcome => ({ status: 'rejected', reason });

/** The specs of one mode. */
export const describeVats = (mode: 'eager' | 'lazy' | 'rolling'): void => {
  describe(`the vats of docs/vat-author.md, restarted in the mode ${mode}`, () => {
    const bridge = buildBridge((...message: unknown[]) => ({ sent: message }));
    const ramBridge = buildBridge();
    let test: TestSwingset;
    let epoch: TestEpochResult;
    let account: Reference;
    let note: Reference;
    let ticket: Reference;
    let owed: SentCall;
    let wakeup: SentCall;

    before(async () => {
      test = await startTestSwingset({
        vats,
        timer: true,
        devices: {
          bridge: { source: bridge.srcPath, endowments: bridge.endowments },
          ramBridge: { source: ramBridge.srcPath, endowments: ramBridge.endowments },
        },
        bundleCachePath,
      });
      expect(await test.call('baggage', 'increment')).to.deep.equal({ count: 1, sinceStart: 1 });

      account = (await test.call('kinds', 'open')) as Reference;
      expect(await test.call(account, 'deposit', 5)).to.equal(5);
      note = (await test.call('missing-kind', 'write', 'hello')) as Reference;
      expect(await test.call(note, 'read')).to.equal('hello');

      await test.call('collections', 'setPrice', 'tea', 3);
      const tea = ['tea', 3];
      expect(await test.call('collections', 'list')).to.deep.equal({
        prices: [tea],
        recent: [tea],
      });

      await test.call('keeper', 'keep', 'door', await test.call('exports', 'getDurableDoor'));
      await test.call('keeper', 'keep', 'window', await test.call('exports', 'getEphemeralDoor'));
      expect(await test.call('keeper', 'tryAll')).to.deep.equal({
        door: 'come in',
        window: 'come in',
      });

      owed = test.send('in-flight', 'whenDone');
      await test.call('watcher', 'connect', test.root('in-flight'));
      expect(owed.outcome()).to.deep.equal({ status: 'pending' });

      await test.call('timers', 'repeat');
      wakeup = test.send('timers', 'wakeOnce', 15n);
      await test.call('notifiers', 'start');
      await test.setTime(10n);
      expect(await test.call('timers', 'report')).to.deep.equal(['handler 0', 'handler 10']);
      expect(await test.call('notifiers', 'seen')).to.deep.equal([0n, 10n]);

      expect(await test.call('parameters', 'fees')).to.deep.equal({ fee: 3, firstFee: 3 });

      await test.call('device', 'connect', test.device('bridge'));
      await test.call('ram-port', 'connectForThisIncarnation', test.device('ramBridge'));
      bridge.deliverInbound('first');
      ramBridge.deliverInbound('first');
      expect(await test.call('device', 'received')).to.deep.equal(['first']);
      expect(await test.call('ram-port', 'received')).to.deep.equal(['first']);

      ticket = (await test.call('lost', 'sell', 7)) as Reference;
      expect(await test.call(ticket, 'getSeat')).to.equal(7);
      expect(await test.call('lost', 'countSold')).to.equal(1);

      epoch = await test.epoch({
        mode,
        vatParameters: { parameters: { fee: 4, counter: test.root('baggage') } },
      });
    });

    after(async () => {
      await test?.close();
    });

    it('start at the boot, or sleep until something is due for them', () => {
      const { result, sleeps } = epoch.vats['baggage']!;
      expect(epoch.report.mode).to.equal(mode);
      expect({ result, sleeps }).to.deep.equal(
        mode === 'eager'
          ? { result: 'restarted', sleeps: false }
          : { result: 'suspended', sleeps: true },
      );
      expect(test.status('baggage')).to.include({
        state: mode === 'eager' ? 'running' : 'sleeping',
        incarnation: 1,
      });
    });

    it('baggage: stays, and variables start anew', async () => {
      expect(test.kept('baggage').baggage).to.deep.equal({ count: 1 });
      expect(await test.call('baggage', 'increment')).to.deep.equal({ count: 2, sinceStart: 1 });
      expect(test.status('baggage')).to.include({ state: 'running', incarnation: 1 });
    });

    it('kinds: durable objects go on with their state', async () => {
      expect(test.kept('kinds').objects.map(({ kind, state }) => ({ kind, state }))).to.deep.equal([
        { kind: 'Account', state: { balance: 5 } },
      ]);
      expect(await test.call(account, 'deposit', 5)).to.equal(10);
    });

    it('missing-kind: a vat that does not define all of its kinds is suspended', async () => {
      const error = 'Error: defineDurableKind not called for tags: [Note]';
      const read = test.send(note, 'read');
      await test.run();
      expect(test.status('missing-kind')).to.include({ state: 'suspended', waiting: 1, error });
      expect(read.outcome()).to.deep.equal({ status: 'pending' });
      expect(String(await failureOf(test.call('missing-kind', 'write', 'x')))).to.equal(
        'CallPendingError: write() has not answered although all work is done: ' +
          `vat "missing-kind" is suspended: ${error}`,
      );
    });

    it('collections: durable ones stay, others are lost', async () => {
      expect(test.kept('collections').collections).to.have.length(1);
      expect(test.kept('collections').collections[0]).to.deep.include({
        label: 'prices',
        entries: [['tea', 3]],
      });
      expect(await test.call('collections', 'list')).to.deep.equal({
        prices: [['tea', 3]],
        recent: [],
      });
    });

    it('exports: durable ones stay valid, others are abandoned', async () => {
      expect(await test.call('keeper', 'tryAll')).to.deep.equal({
        door: 'come in',
        window: 'vat terminated',
      });
      const { objectsAbandoned, abandonedHeld } = epoch.vats['exports']!;
      expect(objectsAbandoned).to.equal(1);
      const keeper = test.status('keeper').vatID;
      expect(abandonedHeld.map(({ holders, ...held }) => [held.interface, holders])).to.deep.equal([
        // The report does not look into the data of holders that sleep.
        [mode === 'eager' ? 'window' : undefined, [keeper, 'host']],
      ]);
    });

    it('in-flight: what the vat had yet to answer is rejected', () => {
      expect(epoch.vats['in-flight']!.promisesRejected).to.equal(2);
      expect(owed.outcome()).to.deep.equal(rejectedWith(gone));
    });

    it('watcher: a durable watcher hears of the disconnection, and asks again', async () => {
      expect(await test.call('watcher', 'report')).to.deep.equal({
        answer: 'none yet',
        disconnections: [gone],
      });
      await test.call('in-flight', 'finish');
      expect(await test.call('watcher', 'report')).to.deep.include({ answer: 'bread' });
    });

    it('timers: durable handlers are woken, and what waited in RAM is not', async () => {
      await test.setTime(20n);
      expect(wakeup.outcome()).to.deep.equal(rejectedWith(gone));
      expect(await test.call('timers', 'report')).to.deep.equal([
        'handler 0',
        'handler 10',
        'handler 20',
      ]);
    });

    it('notifiers: an observer that asks again gets the present value and what follows', async () => {
      await test.setTime(30n);
      const seen = (await test.call('notifiers', 'seen')) as readonly bigint[];
      expect(seen.slice(0, 3)).to.deep.equal([0n, 10n, 10n]);
      expect(seen.slice(-2)).to.deep.equal([20n, 30n]);
    });

    it('parameters: are retained, unless the restart passes others', async () => {
      expect(await test.call('parameters', 'fees')).to.deep.equal({ fee: 4, firstFee: 3 });
      expect(await test.call('retained', 'fees')).to.deep.equal({ fee: 5, firstFee: 5 });
      expect(await test.call('retained', 'count')).to.deep.equal({ count: 3, sinceStart: 2 });
      expect(epoch.vats['parameters']!.parameters).to.equal('given');
      expect(epoch.vats['retained']!.parameters).to.equal('retained');
    });

    it('device: it reaches durable handlers, and loses messages to others', async () => {
      bridge.deliverInbound('second');
      ramBridge.deliverInbound('second');
      expect(await test.call('device', 'received')).to.deep.equal(['first', 'second']);
      expect(await test.call('ram-port', 'received')).to.deep.equal(['first']);
      expect(await test.call('device', 'send', 'hello')).to.deep.equal({ sent: ['hello'] });
    });

    it('lost: variables and virtual objects', async () => {
      expect(await failureOf(test.call(ticket, 'getSeat')))
        .to.be.instanceOf(Error)
        .with.property('message', 'vat terminated');
      expect(await test.call('lost', 'countSold')).to.equal(0);
      for (const method of ['keepTicket', 'keepFar', 'keepPromise']) {
        expect(await test.call('lost', method)).to.match(/^value is not durable/);
      }
    });

    it('all vats run in the end, but the one that can not', async () => {
      const statesOf = () => Object.keys(vats).map(name => test.status(name).state);
      const asleep = () => statesOf().filter(state => state === 'sleeping').length;
      if (mode === 'rolling') while (asleep() > 0) await test.run();
      const allowed = mode === 'lazy' ? ['running', 'sleeping'] : ['running'];
      for (const name of Object.keys(vats).filter(each => each !== 'missing-kind')) {
        expect(allowed, name).to.include(test.status(name).state);
      }
    });
  });
};
