import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import {
  choosePlatform,
  completePlatform,
  readGivenPlatform,
} from '../../lib/platform-epoch/choose-platform.js';
import { makeFindBundle } from '../../lib/platform-epoch/decide-boot.js';
import { PlatformChangeError } from '../../lib/platform-epoch/errors.js';
import type { PlatformEpochDecision } from '../../lib/platform-epoch/types.js';
import { OWN, STOCK } from '../../lib/platform/choices.js';
import type { BundleID } from '../../lib/types/ids.js';
import type { PlatformChoice } from '../../lib/types/platform-epoch.js';
import { makeEpochRecord } from './support/epoch-record.js';

const archive = (digit: string): BundleID => `b1-${digit.repeat(128)}` as BundleID;
const [one, two] = [archive('1'), archive('2')];

const recordOf = (choice: PlatformChoice) => makeEpochRecord('spring', 'complete', choice);

const advance: PlatformEpochDecision = {
  kind: 'advance',
  from: 'spring',
  epoch: 'summer',
  supersedes: undefined,
};
const others: readonly PlatformEpochDecision[] = [
  { kind: 'none' },
  { kind: 'current', epoch: 'spring' },
  { kind: 'resume', epoch: 'spring' },
];

describe('the platform of a boot', () => {
  it('is the default one for a store without a ledger', () => {
    expect(choosePlatform(undefined, { kind: 'none' }, {})).to.deep.equal(OWN);
    const given = { platform: 'stock' } as const;
    expect(choosePlatform(undefined, { kind: 'baseline', epoch: 1 }, given)).to.eql(STOCK);
  });

  it('is what the ledger records, unless the epoch advances', () => {
    const recorded = { ...OWN, imageBundles: [one], serveImportBundle: false };
    for (const decision of others) {
      expect(choosePlatform(recordOf(recorded), decision, {}), decision.kind).to.eql(recorded);
      expect(choosePlatform(recordOf(recorded), decision, recorded)).to.eql(recorded);
    }
    expect(choosePlatform(recordOf(recorded), advance, {})).to.eql(recorded);
    expect(choosePlatform(recordOf(STOCK), advance, {})).to.eql(STOCK);
  });

  it('changes with an advance, field by field', () => {
    const recorded = recordOf({ ...OWN, imageBundles: [one], serveImportBundle: false });
    expect(choosePlatform(recorded, advance, { imageBundles: [two] })).to.eql({
      platform: 'own',
      imageBundles: [two],
      serveImportBundle: false,
    });
    expect(choosePlatform(recorded, advance, { platform: 'stock' })).to.eql(STOCK);
    expect(choosePlatform(recordOf(STOCK), advance, { platform: 'own' })).to.eql(OWN);
  });

  const changes: readonly (readonly [keyof PlatformChoice, Partial<PlatformChoice>, string])[] = [
    [
      'platform',
      { platform: 'stock' },
      'platform: expected "own", as platform epoch "spring" records it, got "stock". ' +
        'Vats change over only when they restart: give a new platformEpoch with it',
    ],
    ['imageBundles', { imageBundles: [one, two] }, `expected ["${one}"], as platform epoch`],
    ['imageBundles', { imageBundles: [] }, 'got []'],
    ['serveImportBundle', { serveImportBundle: false }, 'expected true, as platform epoch'],
  ];
  for (const [field, given, text] of changes) {
    it(`refuses another ${field} without an advance: ${JSON.stringify(given).slice(0, 40)}`, () => {
      const recorded = recordOf({ ...OWN, imageBundles: [one] });
      for (const decision of others) {
        expect(() => choosePlatform(recorded, decision, given), decision.kind)
          .to.throw(PlatformChangeError, text)
          .that.includes({ code: 'PLATFORM_CHANGE', field });
      }
    });
  }

  it('refuses for a stock platform what only ours has', () => {
    expect(() => completePlatform({ platform: 'stock', imageBundles: [one] }))
      .to.throw(BadOptionError, "expected nothing, because the platform is 'stock'")
      .that.includes({ field: 'imageBundles' });
    expect(() => completePlatform({ platform: 'stock', serveImportBundle: true }))
      .to.throw(BadOptionError)
      .that.includes({ field: 'serveImportBundle', value: true });
  });

  it('takes bundles by name or ID, each once, in the order given', () => {
    const named: Readonly<Record<string, BundleID>> = { facet: one, script: 'b0-1' as BundleID };
    const findBundle = makeFindBundle(
      name => named[name],
      bundleID => bundleID === one || bundleID === two || bundleID.startsWith('b0-'),
    );
    const read = (imageBundles: readonly string[]) =>
      readGivenPlatform({ imageBundles }, findBundle).imageBundles;
    expect(read([two, 'facet', one])).to.deep.equal([two, one]);
    for (const unknown of ['nobody', archive('3'), 'script', 'b0-2']) {
      expect(() => read([one, unknown]), unknown)
        .to.throw(BadOptionError, 'the ID or the name of an installed bundle')
        .that.includes({ field: 'imageBundles', value: unknown });
    }
  });
});
