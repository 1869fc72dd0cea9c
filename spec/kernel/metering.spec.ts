import { expect } from 'chai';
import { startDemo, type Demo } from './support/demo.js';

describe('meters, on xsnap', () => {
  let demo: Demo;
  beforeEach(async () => {
    demo = await startDemo('xsnap');
  });

  it('count down with each delivery, and tell when they cross the threshold', async () => {
    await demo.host('createMeter', 'meter', 100_000_000n, 80_000_000n);
    await demo.host('createVat', 'carol', 'contract', { meter: 'meter' });
    const before = (await demo.host('meter', 'meter')) as { remaining: bigint; threshold: bigint };
    expect(before.threshold).to.equal(80_000_000n);
    expect(before.remaining > 0n && before.remaining < 100_000_000n).to.equal(true);
    await demo.host('send', 'carol', 'echo', 1);
    const after = (await demo.host('meter', 'meter')) as { remaining: bigint };
    expect(after.remaining < before.remaining).to.equal(true);
    await demo.host('notified', 'meter');
    await demo.host('send', 'carol', 'work', 2_000_000);
    const last = (await demo.host('meter', 'meter')) as { remaining: bigint };
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

  it('are refilled by their holders and by the host, and give back what a failed crank took', async () => {
    await demo.host('createMeter', 'meter', 90_000_000n, 10n);
    await demo.host('createUnlimitedMeter', 'endless');
    await demo.host('createVat', 'carol', 'contract', { meter: 'meter' });
    const remaining = async () =>
      ((await demo.host('meter', 'meter')) as { remaining: bigint }).remaining;
    const before = await remaining();
    await demo.host('send', 'meter', 'addRemaining', 1000n);
    await demo.host('send', 'meter', 'setThreshold', 20n);
    expect(await demo.host('meter', 'meter')).to.deep.equal({
      remaining: before + 1000n,
      threshold: 20n,
    });
    demo.controller.resetAllMeters(50_000_000n);
    expect(await remaining()).to.equal(50_000_000n);
    expect(await demo.host('meter', 'endless')).to.have.property('remaining', 'unlimited');
    expect(() => demo.controller.resetAllMeters(5 as unknown as bigint)).to.throw(/bigint/);

    await demo.host('send', 'carol', 'exitWithFailure', 'no');
    expect(await remaining()).to.equal(50_000_000n);
  });
});
