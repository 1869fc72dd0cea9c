import { expect } from 'chai';
import type { VatDeliveryResult } from '../../lib/types/messages.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { startDemo, type Demo } from './support/demo.js';

describe('meters, on xsnap', () => {
  let demo: Demo;
  beforeEach(async () => {
    // The amounts are those of the stock platform.
    demo = await startDemo('xsnap', { platform: 'stock' });
  });

  /** Static vats have no meter. */
  const isMetered = ({ vatID }: SlogEntry): boolean =>
    !['v1', 'v2', 'v3', 'v4'].includes(String(vatID));

  /** The computrons that workers reported, in the slog from its entry `since` on. */
  const computronsSince = (since: number, isCharged = (_entry: SlogEntry) => true): bigint =>
    demo.slog
      .slice(since)
      .filter(entry => entry.type === 'deliver-result' && isMetered(entry) && isCharged(entry))
      .map(({ dr }) => BigInt((dr as VatDeliveryResult)[2]?.compute ?? 0))
      .reduce((sum, each) => sum + each, 0n);

  it('count down with each delivery, and tell when they cross the threshold', async () => {
    await demo.host('createMeter', 'meter', 100_000_000n, 80_000_000n);
    await demo.host('createVat', 'carol', 'contract', { meter: 'meter' });
    expect(await demo.host('meter', 'meter')).to.have.property('threshold', 80_000_000n);
    // Garbage collection is free.
    const isCharged = ({ dispatch }: SlogEntry) =>
      ['startVat', 'message'].includes(String(dispatch));
    const expectAllCharged = () => {
      const remaining = demo.kernelStorage.kvStore.get('m1.remaining') ?? '';
      expect(BigInt(remaining)).to.equal(100_000_000n - computronsSince(0, isCharged));
    };
    expect(computronsSince(0) > 1_000_000n, 'its start').to.equal(true);
    expectAllCharged();
    await demo.host('send', 'carol', 'echo', 1);
    expectAllCharged();
    await demo.host('notified', 'meter');
    await demo.host('send', 'carol', 'work', 2_000_000);
    const last = (await demo.host('meter', 'meter')) as { remaining: bigint };
    expectAllCharged();
    expect(last.remaining < 80_000_000n).to.equal(true);
    expect(await demo.host('outcome', 'meter:notice')).to.have.property('0', 'fulfilled');
  });

  it('end the vat that overdraws them, and no other', async () => {
    await demo.host('createMeter', 'meter', 90_000_000n, 0n);
    expect(await demo.host('createVat', 'carol', 'contract', { meter: 'meter' })).to.equal(
      'created',
    );
    // Each of these stays below the limit per crank; some of them together empty the meter.
    const outcomes: unknown[] = [];
    for (let i = 0; i < 8; i += 1) {
      outcomes.push(await demo.host('send', 'carol', 'work', 2_000_000));
    }
    expect(outcomes[0]).to.have.property('0', 'fulfilled');
    expect(outcomes.at(-1)).to.deep.equal(['rejected', 'vat terminated']);
    expect(await demo.host('outcome', 'carol:done')).to.deep.equal([
      'rejected',
      'meter underflow, vat terminated',
    ]);
    expect(await demo.host('meter', 'meter')).to.deep.include({ remaining: 0n });
    expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
  });

  for (const [what, problem] of [
    ['spin', 'Compute meter exceeded'],
    ['recurse', 'Stack meter exceeded'],
    ['exhaust', 'Allocate meter exceeded'],
  ] as const) {
    it(`end a vat that tries to ${what}, and no other`, async () => {
      await demo.host('createMeter', 'meter', 10_000_000_000n, 0n);
      await demo.host('createVat', 'carol', 'contract', { meter: 'meter' });
      expect(await demo.host('send', 'carol', what)).to.deep.equal(['rejected', 'vat terminated']);
      const [status, reason] = (await demo.host('outcome', 'carol:done')) as string[];
      expect(status).to.equal('rejected');
      expect(reason).to.equal(problem);
      expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
    });
  }

  it('may be unlimited: nothing is counted, and the limit per crank holds', async () => {
    await demo.host('createUnlimitedMeter', 'meter');
    await demo.host('createVat', 'carol', 'contract', { meter: 'meter' });
    expect(await demo.host('send', 'carol', 'work', 1000)).to.have.property('0', 'fulfilled');
    expect(await demo.host('meter', 'meter')).to.have.property('remaining', 'unlimited');
    expect(await demo.host('send', 'carol', 'spin')).to.deep.equal(['rejected', 'vat terminated']);
    expect(await demo.host('outcome', 'carol:done')).to.deep.equal([
      'rejected',
      'Compute meter exceeded',
    ]);
  });

  const remainingOf = async (meter: string): Promise<bigint> =>
    ((await demo.host('meter', meter)) as { remaining: bigint }).remaining;

  it('are refilled by their holders and by the host, and pay for cranks that are undone', async () => {
    await demo.host('createMeter', 'meter', 90_000_000n, 10n);
    await demo.host('createUnlimitedMeter', 'endless');
    await demo.host('createVat', 'carol', 'contract', { meter: 'meter' });
    const before = await remainingOf('meter');
    await demo.host('send', 'meter', 'addRemaining', 1000n);
    await demo.host('send', 'meter', 'setThreshold', 20n);
    expect(await demo.host('meter', 'meter')).to.deep.equal({
      remaining: before + 1000n,
      threshold: 20n,
    });
    demo.controller.resetAllMeters(50_000_000n);
    expect(await remainingOf('meter')).to.equal(50_000_000n);
    expect(await demo.host('meter', 'endless')).to.have.property('remaining', 'unlimited');
    expect(() => demo.controller.resetAllMeters(5 as unknown as bigint)).to.throw(/bigint/);

    let mark = demo.slog.length;
    await demo.host('send', 'carol', 'exitWithFailure', 'no');
    const left = await remainingOf('meter');
    expect(computronsSince(mark) > 10_000n).to.equal(true);
    expect(50_000_000n - left).to.equal(computronsSince(mark));
    mark = demo.slog.length;
    const unfit = { meter: 'meter', vatParameters: { fail: 'unfit' } };
    expect(await demo.host('createVat', 'dave', 'contract', unfit)).to.have.property(
      '0',
      'rejected',
    );
    expect(computronsSince(mark) > 30_000_000n).to.equal(true);
    expect(left - (await remainingOf('meter'))).to.equal(computronsSince(mark));
  });

  it('tell of the threshold also when they run out at once', async () => {
    await demo.host('createMeter', 'meter', 35_000_000n, 100_000n);
    await demo.host('createVat', 'carol', 'contract', { meter: 'meter' });
    await demo.host('notifiedNext', 'meter');
    expect(await demo.host('send', 'carol', 'work', 200_000)).to.deep.equal([
      'rejected',
      'vat terminated',
    ]);
    expect(await demo.host('outcome', 'meter:next')).to.deep.equal([
      'fulfilled',
      { value: 0n, updateCount: 2n },
    ]);
  });

  it('pay for upgrades, also for failed ones, and never end a vat with one', async () => {
    await demo.host('createMeter', 'meter', 200_000_000n, 0n);
    await demo.host('createVat', 'carol', 'contract', { meter: 'meter' });
    const before = await remainingOf('meter');
    const mark = demo.slog.length;
    const failed = ['rejected', 'vat-upgrade failure'];
    const unfit = { vatParameters: { fail: 'unfit' } };
    expect(await demo.host('upgrade', 'carol', 'contract', unfit)).to.deep.equal(failed);
    expect(computronsSince(mark) > 30_000_000n).to.equal(true);
    expect(before - (await remainingOf('meter'))).to.equal(computronsSince(mark));

    // Enough for neither the last bringOutYourDead nor, after that, for the new incarnation.
    for (const tooFew of [100n, 1_000_000n]) {
      demo.controller.resetAllMeters(tooFew);
      expect(await demo.host('upgrade', 'carol', 'contract')).to.deep.equal(failed);
      expect(await remainingOf('meter')).to.equal(0n);
    }
    demo.controller.resetAllMeters(100_000_000n);
    expect(await demo.host('send', 'carol', 'incarnations')).to.deep.equal(['fulfilled', 1]);
    expect(await demo.host('upgrade', 'carol', 'contract')).to.have.property('0', 'fulfilled');
    expect(await demo.host('send', 'carol', 'incarnations')).to.deep.equal(['fulfilled', 2]);
  });
});
