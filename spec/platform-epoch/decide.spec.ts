import { expect } from 'chai';
import {
  decidePlatformEpoch,
  insistPlatformEpoch,
  needsEmptyQueue,
  type DecisionInput,
} from '../../lib/platform-epoch/decide.js';
import {
  BadPlatformEpochError,
  PlatformEpochKindError,
  PlatformEpochRegressionError,
  PlatformRestartNotAllowedError,
  PlatformRestartUnfinishedError,
} from '../../lib/platform-epoch/errors.js';
import type { PlatformEpoch, PlatformEpochRecord } from '../../lib/types/platform-epoch.js';
import { makeEpochRecord as record } from './support/epoch-record.js';

const decide = (
  ledger: readonly PlatformEpochRecord[],
  given: PlatformEpoch | undefined,
  more: Partial<DecisionInput> = {},
) => decidePlatformEpoch({ ledger, given, vatsHaveRun: true, ...more });

describe('the decision about a platform epoch', () => {
  const ledgers = {
    'a ledger of nothing': [],
    'a ledger of numbers': [record(1, 'baseline'), record(3)],
    'a ledger of names': [record('one', 'baseline'), record('two')],
    'a restart under way': [record(1, 'baseline'), record(2, 'in-progress')],
  };
  const { 'a restart under way': underWay, ...settled } = ledgers;
  for (const [name, ledger] of Object.entries(settled)) {
    it(`is none without an epoch, for ${name}`, () => {
      expect(decide(ledger, undefined)).to.deep.equal({ kind: 'none' });
    });
  }

  it('is refused without an epoch while a restart is under way', () => {
    expect(() => decide(underWay, undefined))
      .to.throw(PlatformRestartUnfinishedError, 'for platformEpoch 2 did not finish')
      .that.includes({ code: 'PLATFORM_RESTART_UNFINISHED', stored: 2 });
  });

  for (const epoch of ['v18', 0]) {
    it(`is a baseline of ${JSON.stringify(epoch)} where no vat has run`, () => {
      expect(decide([], epoch, { vatsHaveRun: false })).to.deep.equal({ kind: 'baseline', epoch });
    });

    it(`is an advance to ${JSON.stringify(epoch)} in a store older than epochs`, () => {
      expect(decide([], epoch)).to.deep.equal({
        kind: 'advance',
        from: undefined,
        epoch,
        supersedes: undefined,
      });
    });

    for (const status of ['baseline', 'complete'] as const) {
      it(`is current at the same ${JSON.stringify(epoch)} (${status})`, () => {
        expect(decide([record(epoch, status)], epoch)).to.deep.equal({ kind: 'current', epoch });
        expect(
          decide([record(epoch, status)], epoch, { vatsHaveRun: false }),
          'before any vat has run',
        ).to.deep.equal({ kind: 'current', epoch });
      });
    }

    it(`resumes ${JSON.stringify(epoch)} while it is in progress`, () => {
      expect(decide([record(epoch, 'in-progress')], epoch)).to.deep.equal({
        kind: 'resume',
        epoch,
      });
    });
  }

  it('is an advance to a greater number', () => {
    expect(decide(ledgers['a ledger of numbers'], 4)).to.deep.equal({
      kind: 'advance',
      from: 3,
      epoch: 4,
      supersedes: undefined,
    });
  });

  it('refuses a smaller number, whether or not the ledger has it', () => {
    for (const given of [2, 1, 0]) {
      expect(() => decide(ledgers['a ledger of numbers'], given))
        .to.throw(
          PlatformEpochRegressionError,
          `platformEpoch ${given} is older than 3, which this store has reached: run the software that belongs to 3, or give a newer epoch`,
        )
        .that.includes({ code: 'PLATFORM_EPOCH_REGRESSION', stored: 3, given });
    }
  });

  it('is an advance to a name that the ledger does not have: names have no order', () => {
    for (const epoch of ['three', 'a', '1']) {
      expect(decide(ledgers['a ledger of names'], epoch)).to.deep.equal({
        kind: 'advance',
        from: 'two',
        epoch,
        supersedes: undefined,
      });
    }
  });

  it('refuses a name that the ledger has from earlier', () => {
    expect(() => decide(ledgers['a ledger of names'], 'one'))
      .to.throw(
        PlatformEpochRegressionError,
        'platformEpoch "one" is older than "two", which this store has reached',
      )
      .that.includes({ code: 'PLATFORM_EPOCH_REGRESSION', stored: 'two', given: 'one' });
  });

  describe('of the other kind', () => {
    const cases: [PlatformEpoch, PlatformEpoch, string][] = [
      ['two', 3, 'platformEpoch 3 is a number, but this store has reached "two", a string'],
      [2, 'three', 'platformEpoch "three" is a string, but this store has reached 2, a number'],
    ];
    for (const [last, given, message] of cases) {
      it(`refuses ${JSON.stringify(given)} after ${JSON.stringify(last)}`, () => {
        expect(() => decide([record(last)], given))
          .to.throw(
            PlatformEpochKindError,
            `${message}: pass platformEpochKindChange: true to change over`,
          )
          .that.includes({ code: 'PLATFORM_EPOCH_KIND', stored: last, given });
      });

      it(`advances from ${JSON.stringify(last)} to ${JSON.stringify(given)} when told so`, () => {
        expect(decide([record(last)], given, { allowKindChange: true })).to.deep.equal({
          kind: 'advance',
          from: last,
          epoch: given,
          supersedes: undefined,
        });
      });
    }

    it('compares with every epoch of its kind, also those before the change', () => {
      const ledger = [record(5, 'baseline'), record('six')];
      expect(() => decide(ledger, 4, { allowKindChange: true })).to.throw(
        PlatformEpochRegressionError,
      );
      expect(() => decide(ledger, 5, { allowKindChange: true })).to.throw(
        PlatformEpochRegressionError,
      );
      expect(decide(ledger, 7, { allowKindChange: true })).to.include({ kind: 'advance' });
    });

    it('is no matter where nothing changes', () => {
      expect(decide([record('two')], 'two', { allowKindChange: true })).to.include({
        kind: 'current',
      });
    });
  });

  describe('while a restart is under way', () => {
    it('is an advance that supersedes it, to another epoch', () => {
      expect(decide(ledgers['a restart under way'], 3)).to.deep.equal({
        kind: 'advance',
        from: 2,
        epoch: 3,
        supersedes: 2,
      });
      expect(decide([record('one'), record('two', 'in-progress')], 'three')).to.deep.equal({
        kind: 'advance',
        from: 'two',
        epoch: 'three',
        supersedes: 'two',
      });
    });

    it('refuses to go back', () => {
      expect(() => decide(ledgers['a restart under way'], 1)).to.throw(
        PlatformEpochRegressionError,
      );
      expect(() => decide([record('one'), record('two', 'in-progress')], 'one')).to.throw(
        PlatformEpochRegressionError,
      );
    });
  });

  describe('where the host does not allow a restart', () => {
    const forbidden = { allowRestart: false };

    it('refuses an advance', () => {
      expect(() => decide(ledgers['a ledger of names'], 'three', forbidden))
        .to.throw(
          PlatformRestartNotAllowedError,
          'platformEpoch "three" would restart every vat, and platformRestart.allow is false: allow it at the planned boot, or pass the epoch of the store, "two"',
        )
        .that.includes({ code: 'PLATFORM_RESTART_NOT_ALLOWED', stored: 'two', given: 'three' });
      expect(() => decide([], 'one', forbidden)).to.throw(
        PlatformRestartNotAllowedError,
        'or pass no platformEpoch',
      );
      expect(() => decide(ledgers['a restart under way'], 3, forbidden)).to.throw(
        PlatformRestartNotAllowedError,
      );
    });

    it('lets current, baseline and the rest of a restart through', () => {
      expect(decide(ledgers['a ledger of names'], 'two', forbidden).kind).to.equal('current');
      expect(decide([], 'one', { ...forbidden, vatsHaveRun: false }).kind).to.equal('baseline');
      expect(decide(ledgers['a restart under way'], 2, forbidden).kind).to.equal('resume');
      expect(decide([], undefined, forbidden).kind).to.equal('none');
    });

    it('reports a regression as such', () => {
      expect(() => decide(ledgers['a ledger of names'], 'one', forbidden)).to.throw(
        PlatformEpochRegressionError,
      );
    });
  });
});

describe('a change of kind', () => {
  for (const [stored, given] of [
    ['7', 3],
    [7, '3'],
  ] as const) {
    it(`has no order between ${JSON.stringify(stored)} and ${JSON.stringify(given)}`, () => {
      const decision = decide([record(stored)], given, { allowKindChange: true });
      expect(decision).to.include({ kind: 'advance', from: stored, epoch: given });
    });
  }
});

describe('a restart that wants an empty queue', () => {
  const from = { from: 1, epoch: 2 } as const;
  for (const [what, decision, isNeeded] of [
    ['an advance', { kind: 'advance', ...from, supersedes: undefined }, true],
    // These may have queued the events themselves.
    ['an advance over an unfinished epoch', { kind: 'advance', ...from, supersedes: 1 }, false],
    ['a resumed restart', { kind: 'resume', epoch: 2 }, false],
    ['no restart', { kind: 'none' }, false],
  ] as const) {
    it(`${isNeeded ? 'needs' : 'does not need'} one for ${what}`, () => {
      const ask = (options: { requireEmptyQueue?: boolean }) => needsEmptyQueue(decision, options);
      expect(ask({ requireEmptyQueue: true })).to.equal(isNeeded);
      expect([ask({ requireEmptyQueue: false }), ask({})]).to.deep.equal([false, false]);
    });
  }
});

describe('the value of platformEpoch', () => {
  const good: PlatformEpoch[] = [
    'agoric-upgrade-18',
    'x',
    'x'.repeat(256),
    'Ünïcode ✓ 🦔',
    0,
    1,
    Number.MAX_SAFE_INTEGER,
  ];
  for (const value of good) {
    it(`may be ${JSON.stringify(value).slice(0, 40)}`, () => {
      expect(insistPlatformEpoch(value)).to.equal(value);
    });
  }

  const bad: [unknown, string][] = [
    ['', 'platformEpoch: expected a non-empty name, got ""'],
    ['x'.repeat(257), 'platformEpoch: expected at most 256 printable characters, got "xxx'],
    ['line\nbreak', 'platformEpoch: expected at most 256 printable characters, got "line\\nbreak"'],
    ['nul\0', 'at most 256 printable characters'],
    ['zero\u200bwidth', 'at most 256 printable characters'],
    ['separator\u2028', 'at most 256 printable characters'],
    ['half a pair \ud83e', 'at most 256 printable characters'],
    [-1, 'platformEpoch: expected a non-negative safe integer, got -1'],
    [1.5, 'a non-negative safe integer, got 1.5'],
    [2 ** 53, 'a non-negative safe integer'],
    [Number.NaN, 'a non-negative safe integer'],
    [Number.POSITIVE_INFINITY, 'a non-negative safe integer'],
    [7n, 'platformEpoch: expected a string or a number, got 7'],
    [null, 'platformEpoch: expected a string or a number, got null'],
    [{ name: 'x' }, 'a string or a number, got {"name":"x"}'],
    [true, 'a string or a number, got true'],
  ];
  for (const [value, message] of bad) {
    it(`may not be ${typeof value} ${String(value).slice(0, 20)}`, () => {
      expect(() => insistPlatformEpoch(value))
        .to.throw(BadPlatformEpochError, message)
        .that.satisfies(
          (error: BadPlatformEpochError) =>
            error instanceof TypeError &&
            error.code === 'BAD_PLATFORM_EPOCH' &&
            Object.is(error.value, value),
        );
    });
  }
});
