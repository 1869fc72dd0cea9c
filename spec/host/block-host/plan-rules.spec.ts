/** Rules of a plan for the parameters of vats, which vats and objects leave behind. */
import { join } from 'node:path';
import { expect } from 'chai';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { KernelState } from '../../../lib/state/kernel-state.js';
import type { Action } from '../../../lib/host/transactions/action-types.js';
import { bundleOfFixture, makeChain, type Chain } from './support.js';

const propose = (code: string): Action => ({ type: 'propose', code });

/** The marshalled parameters of a static vat, from the closed home. */
const parametersOf = async ({ home }: Chain, name: string) => {
  const { kernelStorage, hostStorage } = openSwingStore(join(home, 'data', 'swingset'));
  const { vats } = new KernelState(kernelStorage);
  const parameters = vats.getParameters(vats.getByName(name));
  await hostStorage.close();
  return parameters;
};

describe('rules of a plan that no longer fit at its height', () => {
  it('are dropped with an event, and the others apply', async () => {
    const idle = { bundle: await bundleOfFixture('mended') };
    const bundleID = `b1-${String(idle.bundle.endoZipBase64Sha512)}`;
    // Vats notice at once what they no longer hold.
    const chain = await makeChain({ config: { bundles: { idle }, defaultReapInterval: 1 } });
    const [made] = (await chain.act(
      propose(`async ({ vatAdmin, publish }) => {
        const { root, adminNode } = await E(vatAdmin).createVatByName('idle');
        publish('guest', root);
        publish('guestAdmin', adminNode);
        return root;
      }`),
    )) as [{ value: { '@kref': string } }];
    const guest = made.value['@kref'];
    const schedule = (vatParameters: readonly object[]): Action => ({
      type: 'scheduleUpgrade',
      plan: { name: 'two', height: 8, info: '', restart: { vatParameters } },
    });
    const rules = [
      { name: 'app', set: { friend: { '@kref': guest } } },
      { name: 'app', set: { note: 'kept' } },
      { bundleID, set: { note: 'for records' } },
    ];
    expect(
      await chain.act(
        schedule([{ name: 'app', set: { friend: { '@kref': 'ko9999' } } }]),
        schedule(rules),
        propose(`async ({ lookup, unpublish }) => {
          const admin = await lookup('guestAdmin');
          for (const name of ['guest', 'guestAdmin']) unpublish(name);
          await E(admin).terminateWithFailure(Error('it is over'));
        }`),
        propose(`async ({ vatAdmin, publish }) => {
          const { root } = await E(vatAdmin).createVatByName('idle', { vatParameters: 'text' });
          publish('late', root);
        }`),
      ),
    ).to.eql([
      {
        state: 'rejected',
        value:
          'plan.restart.vatParameters: parameters of v6: expected references to things that somebody still holds, got "ko9999"',
      },
      { state: 'fulfilled', value: null },
      { state: 'fulfilled', value: { '@undefined': true } },
      { state: 'fulfilled', value: { '@undefined': true } },
    ]);
    while (chain.height < 8) await chain.block();
    await chain.reopen({ platformEpoch: 'two' });
    const { events, appVersion } = await chain.block();
    expect(appVersion).to.equal(2n);
    const dropped = events
      .filter(({ type }) => type === 'swingset_rule_dropped')
      .map(({ attributes }) => Object.fromEntries(attributes));
    expect(dropped).to.have.lengthOf(2);
    expect(dropped[0]).to.eql({
      upgrade: 'two',
      target: 'static vats named "app"',
      problem: `nobody holds ${guest} any more`,
    });
    expect(dropped[1]?.target).to.match(/^v\d+$/);
    expect(dropped[1]?.problem).to.include('are no record of fields');
    await chain.host.close();
    expect((await parametersOf(chain, 'app'))?.body).to.equal('#{"note":"kept"}');
  });
});
