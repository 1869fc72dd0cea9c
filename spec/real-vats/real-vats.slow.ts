import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { krefOf } from '@agoric/kmarshal';
import { expect } from 'chai';
import type { PlatformRestartOptions } from '../../lib/platform-epoch/restart-options.js';
import { makeTempDir, type Life, type RebootOptions } from '../support/swingset.js';
import { installRealVats } from './install.js';
import { contractRules, makeClock } from './markets.js';
import { bootMarkets, powersOf } from './play.js';
import { closeDeals, openMarkets } from './scenario.js';

const ISSUERS = ['Moola', 'Tickets', 'Points', 'Gold'];
/** Contracts, by the labels that Zoe gives their vats. */
const CONTRACTS = ['fair', 'bazaar', 'gold', 'call', 'late-call'];

/** Why the contract that was not written for upgrades can't come back. */
const NOT_DURABLE = /original contract facets were not durable/;
const FIRST_PARAMETERS = /On restart zoeService must not be in vatParameters/;

const modes: readonly (readonly [title: string, PlatformRestartOptions])[] = [
  ['eagerly', { mode: 'eager' }],
  ['two at a time', { mode: 'eager', concurrency: 2 }],
  ['lazily', { mode: 'lazy' }],
  ['after each run', { mode: 'rolling' }],
];

const brandsOf = async (life: Life): Promise<readonly unknown[]> => {
  const krefs: unknown[] = [];
  for (const issuer of ISSUERS) {
    const brands = [
      await life.call('chain', 'brandOf', issuer),
      await life.call('alice', 'brandOf', issuer),
      await life.call('bob', 'brandOf', issuer),
    ];
    krefs.push(brands.map(brand => krefOf(brand as object)));
  }
  return krefs;
};

/** The contract in a vat's name, such as `zcf-b1-02bd7f-fair`. */
const contractIn = (name: string | undefined): string | undefined =>
  /^zcf-b1-[0-9a-f]+-(.+)$/.exec(name ?? '')?.[1];

/** What the restart made of each contract, and how it was parametrized. */
const restartsOf = (life: Life): Record<string, string> =>
  Object.fromEntries(
    (life.controller.getPlatformRestartReport()?.vats ?? []).flatMap(vat => {
      const contract = contractIn(vat.name);
      const result = vat.sleeps ? 'sleeps' : vat.result;
      return contract === undefined ? [] : [[contract, `${result}, ${vat.parameters}`]];
    }),
  );

/** Contracts that are suspended, with their errors. */
const suspendedIn = (life: Life): Record<string, string | undefined> =>
  Object.fromEntries(
    life.controller.getStatus().activeVats.flatMap(({ options, suspended }) => {
      const contract = contractIn(options.name);
      return contract && suspended ? [[contract, suspended.error]] : [];
    }),
  );

const withAll = (names: readonly string[], result: string): Record<string, string> =>
  Object.fromEntries(names.map(name => [name, result]));

describe('Zoe, ERTP and contracts of the registry', () => {
  const origin = join(mkdtempSync(join(tmpdir(), 'swingset-kernel-markets-')), 'store');
  after(() => rmSync(dirname(origin), { recursive: true, force: true }));
  let brands: readonly unknown[];

  before(installRealVats);
  before('open markets', async () => {
    const clock = makeClock();
    const life = await bootMarkets(origin, clock, { platformEpoch: 'spring' });
    await openMarkets(powersOf(life, clock));
    brands = await brandsOf(life);
    await life.finish();
  });

  /** Boots a copy of the swingset with open markets. */
  const bootCopy = async (options: RebootOptions) => {
    const path = join(makeTempDir(), 'store');
    cpSync(origin, path, { recursive: true });
    const clock = makeClock();
    const life = await bootMarkets(path, clock, options);
    return { life, ...powersOf(life, clock) };
  };

  it('go on after a reboot without a new epoch', async () => {
    await closeDeals(await bootCopy({ platformEpoch: 'spring' }));
  });

  for (const [title, options] of modes) {
    it(`restart ${title}, with open seats, invitations, options and topics`, async () => {
      const platformRestart = { ...options, vatParameters: await contractRules(origin) };
      const play = await bootCopy({ platformEpoch: 'summer', platformRestart });
      const { life } = play;
      const sleeps = options.mode !== 'eager';
      expect(restartsOf(life)).to.deep.equal({
        ...withAll(CONTRACTS, sleeps ? 'sleeps, given' : 'restarted, given'),
        refund: sleeps ? 'sleeps, given' : 'suspended, given',
      });
      expect(await brandsOf(life)).to.deep.equal(brands);
      await closeDeals(play, 'summer');
      const suspended = suspendedIn(life);
      expect(Object.keys(suspended)).to.deep.equal(['refund']);
      // After a lazy restart it still sleeps, because nobody has called it.
      if (options.mode !== 'lazy') expect(suspended.refund).to.match(NOT_DURABLE);

      // The parameters that the rule gave are retained, and so the next epoch needs no rule.
      await life.reboot({ platformEpoch: 'autumn', platformRestart: {} });
      const { call: _over, ...left } = withAll(CONTRACTS, 'restarted, retained');
      expect(restartsOf(life)).to.deep.equal({ ...left, refund: 'suspended, retained' });
      expect(suspendedIn(life).refund).to.match(NOT_DURABLE);
      expect(await brandsOf(life)).to.deep.equal(brands);
      expect(await life.call('bob', 'balance', 'Points')).to.equal(3n);
      expect(await life.call('chain', 'call', 'fair', 'publicFacet', 'describe')).to.deep.equal({
        ...{ version: 'v2', motto: 'fair', onSale: ['A3'] },
      });
    });
  }

  it('come back through Zoe when the restart had only their first parameters', async () => {
    const { life, call } = await bootCopy({ platformEpoch: 'summer' });
    // An upgrade gave the bazaar parameters that it can start with.
    expect(restartsOf(life)).to.deep.equal({
      ...withAll([...CONTRACTS, 'refund'], 'suspended, retained'),
      bazaar: 'restarted, retained',
    });
    expect(suspendedIn(life).fair).to.match(FIRST_PARAMETERS);
    expect(await call('chain', 'restart', 'fair', { motto: 'again' })).to.deep.equal({
      incarnationNumber: 1,
    });
    expect(await call('chain', 'call', 'fair', 'publicFacet', 'describe')).to.deep.equal({
      ...{ version: 'v1', motto: 'again', onSale: ['A2', 'A3'] },
    });
    await call('alice', 'tryExit', 'sell A2');
    expect(await call('alice', 'diary', 'sell A2')).to.deep.equal([
      ...['platform epoch summer', ['Asset', ['A2']], ['Price', 0n]],
    ]);
  });
});
