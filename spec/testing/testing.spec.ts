import { expect } from 'chai';
import {
  BadBundleError,
  BadOptionError,
  MissingSourceError,
  VatStateError,
} from '../../lib/index.js';
import {
  startTestSwingset,
  TestSwingsetClosedError,
  TestVatStartError,
  UnknownTestNameError,
  withTestSwingset,
} from '../../lib/testing/testing.js';
import type { TestSwingsetOptions } from '../../lib/testing/testing.js';
import { bundleFile } from '../../lib/controller/bundling.js';
import { bundleCachePath } from '../support/bundle-cache.js';
import { failureOf } from '../support/failure.js';
import { sourceOf } from '../support/swingset.js';

const counter = sourceOf(import.meta.url, '../../examples/vat-author/baggage.js');
const fragile = sourceOf(import.meta.url, 'vats/fragile.js');
const keys = sourceOf(import.meta.url, 'vats/keys.js');

const refusalOf = async (options: object): Promise<string> =>
  String(await failureOf(startTestSwingset(options as TestSwingsetOptions)));

describe('a test swingset', () => {
  it('refuses options that make no sense, and names the field', async () => {
    const vats = { counter: { source: counter } };
    expect(await refusalOf({ vats: {} })).to.equal(
      'BadOptionError: vats: expected at least one vat, got {}',
    );
    expect(await refusalOf({ vats: { counter: {} } })).to.match(
      /vats\.counter: expected exactly one of source and bundle, got \[\]/,
    );
    expect(await refusalOf({ vats: { counter: { source: 'counter.js' } } })).to.match(
      /vats\.counter\.source: expected an absolute path or a file: URL, got "counter.js"/,
    );
    expect(await refusalOf({ vats: { counter: { source: 'https://host/vat.js' } } })).to.match(
      /vats\.counter\.source: expected an absolute path or a file: URL/,
    );
    expect(await refusalOf({ vats, worker: 'node' })).to.match(/worker: expected local or xsnap/);
    expect(await refusalOf({ vats, timer: 1 })).to.match(/timer: expected a boolean, got 1/);
    expect(await refusalOf({ vats, wroker: 'local' })).to.match(/options\.wroker: expected one of/);
    expect(await refusalOf({ vats, devices: { bridge: {} } })).to.match(/devices\.bridge\.source/);
  });

  it('says which source is missing or broken', async () => {
    const missing = startTestSwingset({ vats: { ghost: { source: '/nowhere/vat.js' } } });
    expect(await failureOf(missing))
      .to.be.instanceOf(MissingSourceError)
      .with.property('message')
      .that.matches(/ghost.*\/nowhere\/vat\.js/);
    const bundle = { moduleFormat: 'endoZipBase64', endoZipBase64: '' } as never;
    expect(await failureOf(startTestSwingset({ vats: { broken: { bundle } } }))).to.satisfy(
      (error: unknown) => error instanceof BadBundleError || error instanceof Error,
    );
  });

  it('runs a bundle, and says why a vat can not start', async () => {
    const bundle = await bundleFile(fragile, 'fragile', { cachePath: bundleCachePath });
    const failed = startTestSwingset({
      vats: { fragile: { bundle, vatParameters: { fail: 'no money' } } },
      bundleCachePath,
    });
    expect(await failureOf(failed))
      .to.be.instanceOf(TestVatStartError)
      .with.property(
        'message',
        'vat "fragile" could not start: Vat Creation Error: Error: Error: no money',
      );
  });

  it('shows what becomes of a vat that can not start again', async () => {
    const vats = { fragile: { source: fragile } };
    await withTestSwingset({ vats, bundleCachePath }, async test => {
      const answer = test.send('fragile', 'ping');
      const restart = { vatParameters: { fail: 'changed rules' } };
      expect(await failureOf(test.restartVat('fragile', restart))).to.be.instanceOf(VatStateError);
      expect(await test.call('fragile', 'ping')).to.equal('pong');
      expect(answer.outcome()).to.deep.equal({ status: 'fulfilled', value: 'pong' });

      const { vats: results } = await test.epoch({
        vatParameters: { fragile: restart.vatParameters },
      });
      expect(results['fragile']).to.include({
        result: 'suspended',
        error: 'Error: changed rules',
        parameters: 'given',
      });
      const waiting = test.send('fragile', 'ping');
      await test.run();
      expect(test.status('fragile')).to.include({
        state: 'suspended',
        error: 'Error: changed rules',
        waiting: 1,
      });
      await test.epoch({ mode: 'lazy', vatParameters: { fragile: {} } });
      await test.run();
      expect(waiting.outcome()).to.deep.equal({ status: 'fulfilled', value: 'pong' });
      expect(test.console.some(line => line.includes('changed rules'))).to.equal(true);
    });
  });

  it('closes when a boot fails', async () => {
    const vats = { fragile: { source: fragile } };
    const test = await startTestSwingset({ vats, bundleCachePath });
    const vatParameters = { fragile: { fail: 'changed rules' } };
    const boot = test.epoch({ vatParameters, onVatFailure: 'panic' });
    expect(String(await failureOf(boot))).to.match(/RestartFailedError: .*changed rules/);
    expect(await failureOf(test.call('fragile', 'ping'))).to.be.instanceOf(TestSwingsetClosedError);
    await test.close();
  });

  it('shows a vat that ends', async () => {
    const vats = { fragile: { source: fragile } };
    await withTestSwingset({ vats, bundleCachePath }, async test => {
      const done = test.send(test.adminNode('fragile'), 'done');
      await test.call('fragile', 'exit', 'enough');
      expect(done.outcome()).to.deep.equal({ status: 'fulfilled', value: 'enough' });
      expect(test.status('fragile').state).to.equal('terminated');
    });
  });

  it('restarts one vat outside an epoch', async () => {
    await withTestSwingset(
      { vats: { counter: { source: counter } }, bundleCachePath },
      async test => {
        await test.call('counter', 'increment');
        expect(await test.restartVat('counter', { upgradeMessage: 'smaller heap' })).to.deep.equal({
          incarnationNumber: 1,
        });
        expect(await test.call('counter', 'increment')).to.deep.equal({ count: 2, sinceStart: 1 });
        expect(await test.call(test.adminNode('counter'), 'restart')).to.deep.equal({
          incarnationNumber: 2,
        });
        expect(await test.call('counter', 'increment')).to.deep.equal({ count: 3, sinceStart: 1 });
      },
    );
  });

  it('answers calls that are made at the same time, in order', async () => {
    await withTestSwingset(
      { vats: { counter: { source: counter } }, bundleCachePath },
      async test => {
        const answers = await Promise.all([1, 2].map(() => test.call('counter', 'increment')));
        expect(answers).to.deep.equal([
          { count: 1, sinceStart: 1 },
          { count: 2, sinceStart: 2 },
        ]);
      },
    );
  });

  it('reads durable data with keys and values of all kinds', async () => {
    await withTestSwingset({ vats: { keys: { source: keys } }, bundleCachePath }, async test => {
      await test.call('keys', 'fill');
      const { baggage, collections } = test.kept('keys');
      expect(baggage).to.deep.include({ list: [1n, undefined, { deep: 'value' }] });
      const byLabel = Object.fromEntries(collections.map(each => [each.label, each.entries]));
      expect(byLabel).to.have.keys('map', 'set');
      expect(byLabel['map']).to.have.deep.members([
        [false, 'boolean'],
        [-1.5, 'number'],
        [7n, 'bigint'],
        ['text', 'string'],
        [null, 'null'],
        [{ vref: 'o+d10/1' }, 'object'],
      ]);
      expect(byLabel['set']).to.deep.equal([['member', null]]);
    });
  });

  it('names what the test misspells', async () => {
    await withTestSwingset(
      { vats: { counter: { source: counter } }, bundleCachePath },
      async test => {
        const wrong = await failureOf(test.call('countre', 'increment'));
        expect(wrong).to.be.instanceOf(UnknownTestNameError);
        expect(String(wrong)).to.include(
          'there is no vat "countre" in this test; did you mean counter?',
        );
        expect(() => test.device('bridge')).to.throw(UnknownTestNameError, /known: none/);
        expect(() => test.timerService).to.throw(BadOptionError, /timer/);
        expect(String(await failureOf(test.setTime(1n)))).to.match(/timer: expected true/);
        expect(String(await failureOf(test.epoch({ moed: 'lazy' } as never)))).to.match(/moed/);
        expect(String(await failureOf(test.epoch({ mode: 'soon' } as never)))).to.match(/mode/);
      },
    );
  });

  it('runs vats on xsnap, as in production', async () => {
    const options = {
      vats: { counter: { source: counter } },
      worker: 'xsnap',
      bundleCachePath,
    } as const;
    await withTestSwingset(options, async test => {
      await test.call('counter', 'increment');
      const { vats } = await test.epoch({ mode: 'eager' });
      expect(Number(vats['counter']!.computrons)).to.be.greaterThan(10_000);
      expect(await test.call('counter', 'increment')).to.deep.equal({ count: 2, sinceStart: 1 });
    });
  });
});
