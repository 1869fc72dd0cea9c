import { join } from 'node:path';
import { expect } from 'chai';
import type { ChainGenesis } from '../../../lib/host/block-host/genesis-types.js';
import type { BlockHost } from '../../../lib/host/block-host/types.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { failureOf } from '../../support/failure.js';
import {
  actionsOf,
  alice,
  initRequest,
  json,
  makeBlock,
  makeGenesis,
  makeHome,
  makeWallet,
  message,
  open,
} from './support.js';

type Fields = Record<string, unknown>;

const MOST = Number.MAX_SAFE_INTEGER;

/** Each with its highest value. */
const highest = {
  blockComputrons: MOST,
  cleanupDeletions: MOST,
  drainComputrons: MOST,
  restarts: { vats: MOST, computrons: MOST },
  maxQueueLength: MOST,
  maxQueuePerSender: MOST,
  maxTxBytes: 1_048_576,
  maxProposalLength: MOST,
  maxActionValues: MOST,
  maxUploads: MOST,
  maxUploadBytes: MOST,
  uploadBlocks: MOST,
  maxResults: MOST,
  maxPendingResults: MOST,
  maxResultLength: MOST,
};

describe('a genesis', () => {
  let good: ChainGenesis;
  let home: string;
  let host: BlockHost;

  before(async () => {
    good = await makeGenesis({ params: highest });
    home = makeHome();
    host = await open(home);
  });

  const refusalOf = async (appState: unknown, request: object = {}) => {
    const bytes = Buffer.from(typeof appState === 'string' ? appState : JSON.stringify(appState));
    const given = { ...initRequest(good), ...request, appState: bytes };
    const error = (await failureOf(host.init(given))) as { code?: string; message: string };
    expect(host.info()).to.include({ height: 0 });
    expect(host.query({ path: '/status', data: new Uint8Array() })).to.include({ code: 10 });
    return `${error.code}: ${error.message}`;
  };

  const expectRefusals = async (
    cases: readonly (readonly [given: unknown, expected: string])[],
  ): Promise<void> => {
    for (const [given, expected] of cases) {
      const refusal = await refusalOf(given);
      expect(refusal).to.match(/^BAD_GENESIS: genesis: app_state/);
      expect(refusal).to.include(expected);
    }
  };

  const withConfig = (more: Fields) => ({ ...good, config: { ...good.config, ...more } });
  const withVat = (name: string, vat: Fields) =>
    withConfig({ vats: { ...good.config.vats, [name]: vat } });
  const without = (field: keyof ChainGenesis) => ({ ...good, [field]: undefined });

  it('is a record with known fields', async () => {
    await expectRefusals([
      ['', 'app_state: expected JSON'],
      ['{"config": }', 'app_state: expected JSON'],
      ['null', 'app_state: expected an object, got null'],
      ['[]', 'app_state: expected an object, got []'],
      [7, 'app_state: expected an object, got 7'],
      [{ ...good, extra: 1 }, 'app_state.extra'],
      [without('platformEpoch'), 'app_state.platformEpoch'],
      [without('config'), 'app_state.config'],
      [without('systemBundles'), 'app_state.systemBundles'],
      [{ ...good, argv: 'x' }, 'app_state.argv: expected an array, got "x"'],
    ]);
  });

  it('names the platform epoch of the software', async () => {
    await expectRefusals([
      [{ ...good, platformEpoch: 1 }, 'app_state.platformEpoch: expected a name of 1 to 256'],
      [{ ...good, platformEpoch: '' }, 'got ""'],
      [
        { ...good, platformEpoch: 'x'.repeat(257) },
        'app_state.platformEpoch: expected a name of 1',
      ],
      [{ ...good, platformEpoch: 'a\nb' }, 'app_state.platformEpoch'],
      [
        { ...good, platformEpoch: 'two' },
        'app_state.platformEpoch: the chain begins with "two", and this software is "one". Run the software of "two"',
      ],
    ]);
  });

  it('has parameters within their bounds', async () => {
    const withParams = (params: unknown) => ({ ...good, params });
    await expectRefusals([
      [withParams(1), 'app_state.params: expected an object, got 1'],
      [withParams({ maxQueueLenght: 1 }), 'app_state.params.maxQueueLenght'],
      [withParams({ restarts: { vat: 1 } }), 'app_state.params.restarts.vat'],
      [withParams({ restarts: { vats: -1 } }), 'app_state.params.restarts.vats'],
    ]);
    for (const [name, most] of Object.entries(highest)) {
      if (typeof most !== 'number') continue;
      for (const value of [-1, 1.5, '7', null, most + 1, 1e300, [], {}]) {
        const refusal = await refusalOf(withParams({ [name]: value }));
        expect(refusal).to.include(`BAD_GENESIS: genesis: app_state.params.${name}: expected a`);
        expect(refusal).to.match(/integer.*, got /);
      }
    }
  });

  it('gives roles that exist to addresses', async () => {
    const withRoles = (roles: unknown) => ({ ...good, roles });
    const { address } = alice;
    await expectRefusals([
      [withRoles([]), 'app_state.roles: expected a record by address'],
      [withRoles({ alice: ['install'] }), 'alice'],
      [withRoles({ [address.toUpperCase()]: ['install'] }), 'app_state.roles'],
      [withRoles({ [`${address}0`]: [] }), 'app_state.roles'],
      [withRoles('{"__proto__":[]}'), 'app_state.roles'],
      [withRoles({ [address]: 'install' }), `app_state.roles.${address}`],
      [withRoles({ [address]: ['instal'] }), 'got "instal"'],
      [withRoles({ [address]: [null] }), 'got null'],
    ]);
  });

  it('has a configuration that is the same on each machine, with code that has its hash', async () => {
    const bundle = good.config.vats!['app']!.bundle as unknown as { endoZipBase64: string };
    const forged = { ...bundle, endoZipBase64: `AAAA${bundle.endoZipBase64.slice(4)}` };
    const { chain: _chain, ...lacking } = good.systemBundles;
    const withSystem = (more: Fields) => ({
      ...good,
      systemBundles: { ...good.systemBundles, ...more },
    });
    await expectRefusals([
      [{ ...good, config: null }, 'app_state.config'],
      [withConfig({ bootstrap: 'ap' }), '"ap" is not an entry of config.vats; did you mean app?'],
      [withConfig({ vatz: {} }), 'vatz'],
      [
        withConfig({ bundleCachePath: '/tmp' }),
        'app_state.config.bundleCachePath: a genesis names',
      ],
      [withConfig({ defaultManagerType: 'xs' }), 'app_state.config.defaultManagerType'],
      [withVat('app', { sourceSpec: '/a.js' }), 'app_state.config.vats.app: expected the bundle'],
      [withVat('app', { bundleName: 'none' }), 'none'],
      [withVat('app', { bundle: forged }), 'app_state.config'],
      [withVat('chain', { bundle }), 'app_state.config.vats.chain: every chain has a vat of this'],
      [
        withConfig({ bundles: { 'chain-proposal': { bundle } } }),
        'app_state.config.bundles.chain-proposal: every chain has a bundle of this name',
      ],
      [
        withConfig({ devices: { timer: { bundle } } }),
        'app_state.config.devices.timer: every chain',
      ],
      [
        withConfig({ devices: { own: { bundle } } }),
        'app_state.config.devices.own: the block host',
      ],
      [{ ...good, systemBundles: lacking }, 'app_state.systemBundles.chain'],
      [withSystem({ extra: bundle }), 'app_state.systemBundles.extra'],
      [withSystem({ timer: 1 }), 'app_state.systemBundles.timer'],
      [withSystem({ chain: forged }), 'app_state.config'],
      [withSystem({ adminVat: forged }), 'app_state'],
      [withSystem({ bridgeDevice: forged }), 'app_state.config'],
    ]);
  });

  it('belongs to a chain with a name', async () => {
    for (const chainID of ['', 'a b', 'a\n', 'ä', 'x'.repeat(51)]) {
      const refusal = await refusalOf(good, { chainID });
      expect(refusal).to.include(`chainID: expected 1 to 50 printable ASCII characters`);
    }
  });

  it('that is in order begins a chain in the same home, after all those refusals', async () => {
    await host.close();
    const { hostStorage } = openSwingStore(join(home, 'data', 'swingset'));
    expect(hostStorage.kvStore.getNextKey('')).to.equal(undefined);
    await hostStorage.close();
    host = await open(home);
    await host.init(initRequest(good));
    const params = host.query({ path: '/params', data: new Uint8Array() });
    expect(json(params.value)).to.eql(highest);
    const tx = makeWallet()(alice, [message('app', 'add', 4)]);
    const { txResults } = await host.executeBlock(makeBlock(1, [tx]));
    await host.commit();
    const [id] = actionsOf(txResults[0]!);
    const { value } = host.query({ path: `/result/${id}`, data: new Uint8Array() });
    expect(json(value)).to.include({ state: 'fulfilled', value: 4 });
  });
});
