/** Configurations: without a bootstrap vat, and with a vat that the kernel can't do without. */
import { expect } from 'chai';
import type { Action } from '../../../lib/host/transactions/action-types.js';
import { failureOf } from '../../support/failure.js';
import { alice, fixture, makeBlock, makeChain, message } from './support.js';

const propose = (code: string): Action => ({ type: 'propose', code });

const beginApp = propose(`async ({ publish, vats, devices, timer }) => {
  publish('app', vats.app);
  await E(vats.app).begin({ timer, bridge: devices.bridge, bouncer: vats.bootstrap });
}`);

describe('a configuration without a bootstrap vat', () => {
  it('gives proposals the powers of one, also after an upgrade', async () => {
    const chain = await makeChain({ config: { bootstrap: undefined } });
    expect(await chain.act(message('app', 'add', 1))).to.eql([
      { state: 'rejected', value: 'no facet "app" is published' },
    ]);
    const powers = ['devices', 'grantPowers', 'lookup', 'publish', 'timer', 'unpublish'];
    powers.push('vatAdmin', 'vats');
    const list = propose('powers => Object.keys(powers).sort()');
    expect(await chain.act(list, beginApp, message('app', 'add', 1))).to.eql([
      { state: 'fulfilled', value: powers },
      { state: 'fulfilled', value: { '@undefined': true } },
      { state: 'fulfilled', value: 1 },
    ]);
    const plan = { name: 'two', height: chain.height + 2, info: '' };
    await chain.act({ type: 'scheduleUpgrade', plan });
    await chain.block();
    await chain.reopen({ platformEpoch: 'two' });
    await chain.block();
    const store = { method: 'set', args: [['a', 'b']] };
    expect(
      await chain.act(list, message('app', 'output', 'storage', store), message('app', 'add', 1)),
    ).to.eql([
      { state: 'fulfilled', value: powers },
      { state: 'fulfilled', value: true },
      { state: 'fulfilled', value: 2 },
    ]);
  });
});

describe('a critical vat that fails in a block', () => {
  it('stops the host, which commits nothing, and each process after it at the same block', async () => {
    const vats = {
      critical: { sourceSpec: fixture('critical'), creationOptions: { critical: true } },
    };
    const chain = await makeChain({ config: { vats } });
    await chain.act(
      propose('({ publish, vats }) => publish("critical", vats.critical)'),
      message('critical', 'ping'),
    );
    const before = chain.host.info();
    const block = makeBlock(chain.height, [
      chain.tx(
        alice,
        message('app', 'output', 'port', 'out'),
        message('critical', 'end', 'so be it'),
      ),
    ]);
    const first = (await failureOf(chain.host.executeBlock(block))) as Error & { code: string };
    expect(first.message).to.include('so be it');
    const after = [
      () => chain.host.executeBlock(block),
      () => chain.host.executeBlock(makeBlock(chain.height, [])),
      () => chain.host.commit(),
    ];
    for (const call of after) {
      const error = (await failureOf(call())) as Error & { code: string };
      expect(error.code).to.equal('HOST_STOPPED');
      expect(error.message).to.include(first.message);
    }
    expect(chain.host.info()).to.eql(before);
    expect(chain.query('/status')).to.include({ height: before.height });
    expect(chain.outputs).to.eql([]);
    for (const options of [{}, { maxVatsOnline: 1 }]) {
      await chain.reopen(options);
      expect(chain.host.info()).to.eql(before);
      const again = (await failureOf(chain.host.executeBlock(block))) as Error & { code: string };
      expect([again.code, again.message]).to.eql([first.code, first.message]);
    }
  });
});
