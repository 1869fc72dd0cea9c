/**
 * The story of a vat that a proposal makes, and that can't start again: an upgrade suspends it, a
 * second proposal mends it. Told of one replica, so that specs can compare several.
 */
import { expect } from 'chai';
import type { PlatformRestartMode } from '../../../lib/types/platform-epoch.js';
import type { Action } from '../../../lib/host/transactions/action-types.js';
import { actionsForBundle } from '../../../lib/host/transactions/bundle-chunks.js';
import { actionsOf, alice, bob, bundleOfFixture, hex, message, type Chain } from './support.js';

export interface Told {
  /** App hashes of the blocks, in order. */
  readonly hashes: readonly string[];
  /** Types and attributes of the upgrade's events. */
  readonly upgraded: readonly unknown[];
}

const propose = (code: string): Action => ({ type: 'propose', code });

export const tellOfBrokenGuest = async (chain: Chain, mode: PlatformRestartMode): Promise<Told> => {
  const hashes: string[] = [];
  const block = async (...txs: Uint8Array[]) => {
    const result = await chain.block(...txs);
    hashes.push(hex(result.appHash));
    return result;
  };
  const send = async (key: typeof alice, ...actions: Action[]): Promise<readonly string[]> => {
    const { txResults } = await block(chain.tx(key, ...actions));
    return actionsOf(txResults[0]!);
  };
  const settle = async (id: string) => {
    for (let blocks = 0; chain.result(id).state === 'pending'; blocks += 1) {
      expect(blocks).to.be.below(20);
      await block();
    }
    return chain.result(id);
  };
  const ids: Record<string, string> = {};
  for (const name of ['fragile', 'mended']) {
    const chunks = actionsForBundle(await bundleOfFixture(name));
    ids[name] = chunks[0]!.bundleID;
    await block(...chunks.map(chunk => chain.tx(alice, chunk)));
  }
  const [made] = await send(
    alice,
    propose(`async ({ vatAdmin, publish }) => {
      const bundle = await E(vatAdmin).getBundleCap('${ids['fragile']}');
      const { root, adminNode } = await E(vatAdmin).createVat(bundle, { name: 'guest' });
      publish('guest', root);
      publish('guestAdmin', adminNode);
    }`),
  );
  expect(await settle(made!)).to.have.property('state', 'fulfilled');
  const [broken] = await send(bob, message('guest', 'break'));
  expect(await settle(broken!)).to.have.property('state', 'fulfilled');
  const plan = { name: 'two', height: chain.height + 2, info: '', restart: { mode } };
  await send(alice, { type: 'scheduleUpgrade', plan });
  await send(bob, message('app', 'add', 2), message('app', 'alarm', 1_700_000_100));

  await chain.reopen({ platformEpoch: 'two' });
  const [early] = [chain.tx(bob, message('guest', 'ping'), message('app', 'add', 1))];
  const upgrade = await block(early);
  const [first, added] = actionsOf(upgrade.txResults[0]!);
  expect(upgrade.appVersion).to.equal(2n);
  expect(await settle(added!)).to.eql({ state: 'fulfilled', value: 3 });
  const [second] = await send(alice, message('guest', 'ping'));
  for (let blocks = 0; blocks < 3; blocks += 1) await block();
  for (const id of [first, second]) expect(chain.result(id!).state).to.equal('pending');

  const [mended] = await send(
    alice,
    propose(`async ({ vatAdmin, lookup }) => {
      const bundle = await E(vatAdmin).getBundleCap('${ids['mended']}');
      await E(lookup('guestAdmin')).upgrade(bundle);
    }`),
  );
  expect(await settle(mended!)).to.have.property('state', 'fulfilled');
  for (const id of [first, second]) {
    expect(await settle(id!)).to.eql({ state: 'fulfilled', value: 'mended' });
  }
  return { hashes, upgraded: upgrade.events.filter(({ type }) => type.includes('upgrade')) };
};
