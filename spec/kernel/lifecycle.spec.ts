import { expect } from 'chai';
import { workers } from '../support/workers.js';
import { startDemo, type Demo } from './support/demo.js';

for (const worker of workers) {
  describe(`the life of a vat on ${worker}`, () => {
    let demo: Demo;
    beforeEach(async () => {
      demo = await startDemo(worker);
    });
    const liveVats = () => demo.controller.getStatus().activeVats.map(({ id }) => id);

    it('begins with createVat and its parameters', async () => {
      expect(
        await demo.host('createVat', 'carol', 'contract', {
          vatParameters: { who: 'carol', n: 7n },
        }),
      ).to.equal('created');
      expect(await demo.host('send', 'carol', 'parameters')).to.deep.equal([
        'fulfilled',
        { who: 'carol', n: 7n },
      ]);
    });

    it('does not begin if buildRootObject throws, and leaves nothing behind', async () => {
      const before = liveVats();
      const [status, problem] = (await demo.host('createVat', 'carol', 'contract', {
        vatParameters: { fail: 'bad day' },
      })) as string[];
      expect(status).to.equal('rejected');
      expect(problem).to.match(/refused to start: bad day/);
      expect(liveVats()).to.deep.equal(before);
    });

    it('does not begin if it exits at once, and its creator hears its last words', async () => {
      const before = liveVats();
      for (const [vatParameters, words] of [
        [{ exit: 'bye' }, 'bye'],
        [{ exitWithFailure: 'bye' }, 'Error: bye'],
      ]) {
        expect(await demo.host('createVat', 'carol', 'contract', { vatParameters })).to.deep.equal([
          'rejected',
          `Vat Creation Error: ${words as string}`,
        ]);
      }
      expect(liveVats()).to.deep.equal(before);
    });

    it('goes on if the new code of an upgrade exits at once', async () => {
      await demo.host('createVat', 'carol', 'contract');
      for (const vatParameters of [{ exit: 'bye' }, { exitWithFailure: 'bye' }]) {
        expect(await demo.host('upgrade', 'carol', 'contract', { vatParameters })).to.deep.equal([
          'rejected',
          'vat-upgrade failure',
        ]);
      }
      expect(await demo.host('send', 'carol', 'incarnations')).to.deep.equal(['fulfilled', 1]);
    });

    it('ends by its own will, with its last words', async () => {
      await demo.host('createVat', 'carol', 'contract');
      const before = liveVats().length;
      expect(await demo.host('send', 'carol', 'exit', 'so long')).to.deep.equal([
        'fulfilled',
        undefined,
      ]);
      expect(await demo.host('outcome', 'carol:done')).to.deep.equal(['fulfilled', 'so long']);
      expect(await demo.host('send', 'carol', 'echo')).to.deep.equal([
        'rejected',
        'vat terminated',
      ]);
      expect(liveVats().length).to.equal(before - 1);
    });

    it('ends with failure: the crank is undone, and its caller hears of the end', async () => {
      await demo.host('createVat', 'carol', 'contract');
      await demo.host('promise', 'p', 'carol', 'later');
      expect(await demo.host('relay', 'carol', 'actThenFail', 'alice', 'no more')).to.deep.equal([
        'rejected',
        'vat terminated',
      ]);
      expect(await demo.host('outcome', 'carol:done')).to.deep.equal(['rejected', 'no more']);
      expect(await demo.host('outcome', 'p'), 'resolved in the crank').to.deep.equal([
        'rejected',
        'vat terminated',
      ]);
      expect(await demo.host('send', 'alice', 'inbox'), 'sent in the crank').to.deep.equal([
        'fulfilled',
        [],
      ]);
    });

    it('is ended by its admin node, and promises that it decided are rejected', async () => {
      await demo.host('createVat', 'carol', 'contract');
      await demo.host('promise', 'p', 'carol', 'later');
      await demo.host('terminate', 'carol', 'out of favour');
      expect(await demo.host('outcome', 'p')).to.deep.equal(['rejected', 'vat terminated']);
      expect(await demo.host('outcome', 'carol:done')).to.deep.equal(['rejected', 'out of favour']);
      expect(await demo.host('send', 'carol', 'echo')).to.deep.equal([
        'rejected',
        'vat terminated',
      ]);
    });

    it('goes on after an upgrade with what is durable, and with nothing else', async () => {
      await demo.host('createVat', 'carol', 'contract', { vatParameters: { edition: 1 } });
      await demo.host('send', 'carol', 'put', 'key', 'value');
      await demo.host('send', 'carol', 'note', 'forgotten');
      await demo.host('keep', 'purse', 'carol', 'makePurse', 10n);
      await demo.host('keep', 'ephemeral', 'carol', 'makeHeapObject');
      await demo.host('promise', 'p', 'carol', 'later');
      expect(
        await demo.host('upgrade', 'carol', 'contract', {
          vatParameters: { edition: 2 },
          upgradeMessage: 'edition 2',
        }),
      ).to.deep.equal(['fulfilled', { incarnationNumber: 1 }]);
      expect(await demo.host('send', 'carol', 'parameters')).to.deep.equal([
        'fulfilled',
        { edition: 2 },
      ]);
      expect(await demo.host('send', 'carol', 'get', 'key')).to.deep.equal(['fulfilled', 'value']);
      expect(await demo.host('send', 'carol', 'incarnations')).to.deep.equal(['fulfilled', 2]);
      expect(await demo.host('send', 'carol', 'inbox')).to.deep.equal(['fulfilled', []]);
      expect(await demo.host('send', 'purse', 'balance')).to.deep.equal(['fulfilled', 10n]);
      expect(await demo.host('outcome', 'p')).to.deep.equal([
        'rejected',
        { name: 'vatUpgraded', upgradeMessage: 'edition 2', incarnationNumber: 0 },
      ]);
      expect(await demo.host('send', 'ephemeral', 'ping')).to.deep.equal([
        'rejected',
        'vat terminated',
      ]);
    });

    it('goes on as before when the upgraded code does not start', async () => {
      await demo.host('createVat', 'carol', 'contract', { vatParameters: { edition: 1 } });
      await demo.host('send', 'carol', 'note', 'remembered');
      await demo.host('promise', 'p', 'carol', 'later');
      const [status, problem] = (await demo.host('upgrade', 'carol', 'contract', {
        vatParameters: { fail: 'broken' },
      })) as string[];
      expect(status).to.equal('rejected');
      expect(problem).to.equal('vat-upgrade failure');
      expect(demo.console.join('\n')).to.match(
        /upgrade of vat v\d+ failed.*refused to start: broken/,
      );
      expect(await demo.host('send', 'carol', 'incarnations')).to.deep.equal(['fulfilled', 1]);
      expect(await demo.host('send', 'carol', 'inbox')).to.deep.equal([
        'fulfilled',
        ['remembered'],
      ]);
      await demo.host('send', 'carol', 'resolveLater', 'still here');
      expect(await demo.host('outcome', 'p')).to.deep.equal(['fulfilled', 'still here']);
      expect(
        await demo.host('upgrade', 'carol', 'contract', { vatParameters: { edition: 3 } }),
      ).to.deep.equal(['fulfilled', { incarnationNumber: 1 }]);
    });

    it('is forgotten a few rows at a time when the policy says so', async () => {
      await demo.host('createVat', 'carol', 'contract');
      const vatID = liveVats().at(-1) ?? '';
      const goOn = () => true;
      const spent: number[] = [];
      demo.controller.terminateVat(vatID, { body: '#"over"', slots: [] });
      await demo.run({
        vatCreated: goOn,
        crankComplete: goOn,
        crankFailed: goOn,
        emptyCrank: goOn,
        allowCleanup: () => ({ default: 5 }),
        didCleanup: ({ cleanups }) => spent.push(cleanups['total'] ?? 0) > 0,
      });
      // Each crank spends at most its budget on each of the six kinds.
      expect(spent.length).to.be.greaterThan(3);
      expect(Math.max(...spent)).to.be.at.most(30);
      const next = demo.kernelStorage.kvStore.getNextKey(`${vatID}.`);
      expect(next?.startsWith(`${vatID}.`)).to.equal(false);
      expect(await demo.host('send', 'carol', 'echo')).to.deep.equal([
        'rejected',
        'vat terminated',
      ]);
    });
  });
}
