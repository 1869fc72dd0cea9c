import { expect } from 'chai';
import {
  computronCounter,
  crankCounter,
  foreverPolicy,
  noCleanup,
  someCleanup,
  wallClockWaiter,
} from '../../lib/index.js';
import { kser } from '../../lib/kernel/delivery/kmarshal.js';
import type { CleanupBudget } from '../../lib/types/policies.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { startDemo } from '../kernel/support/demo.js';

/** How many messages were delivered. A snapshot comes with a bringOutYourDead in its crank. */
const deliveriesOf = (slog: readonly SlogEntry[]): number =>
  slog.filter(({ type, dispatch }) => type === 'deliver' && dispatch === 'message').length;

describe('ready-made run policies', () => {
  it('limit a run by deliveries, vats, computrons, time or nothing', async () => {
    const demo = await startDemo('xsnap', { config: { defaultReapInterval: 'never' } });
    const { controller } = demo;
    const send = (count: number) => {
      for (let i = 0; i < count; i += 1) controller.queueToVatRoot('alice', 'work', [1000], 'none');
      demo.slog.length = 0;
    };
    send(8);
    await demo.run(crankCounter(3, 1));
    expect(deliveriesOf(demo.slog)).to.equal(3);
    await demo.run(crankCounter(2, 1, true));
    expect(deliveriesOf(demo.slog)).to.equal(5);
    await demo.run(foreverPolicy());
    expect(deliveriesOf(demo.slog)).to.equal(8);
    expect(await demo.run(foreverPolicy())).to.equal(0);

    send(1);
    await demo.run(crankCounter(10, 1));
    const [result] = demo.slog.filter(({ type }) => type === 'deliver-result');
    const [, , usage] = result?.['dr'] as [string, null, { compute: number }];
    send(5);
    await demo.run(computronCounter(BigInt(usage.compute) * 2n - 10n));
    expect(deliveriesOf(demo.slog)).to.equal(2);
    await demo.run();

    // A clock that goes on by 400 ms each time somebody looks at it.
    let now = 0;
    send(5);
    const waiter = wallClockWaiter(1, () => {
      now += 400;
      return now;
    });
    await demo.run({ ...waiter, emptyCrank: () => true });
    expect(deliveriesOf(demo.slog)).to.equal(3);
    await demo.run();

    controller.queueToVatRoot('host', 'createVat', ['one', 'contract'], 'none');
    controller.queueToVatRoot('host', 'createVat', ['two', 'contract'], 'none');
    await demo.run(crankCounter(1000, 1));
    expect(controller.getStatus().activeVats).to.have.length(5);
    await demo.run();
    expect(controller.getStatus().activeVats).to.have.length(6);
  });

  it('tell what happened: completions with computrons, failures, empty cranks, new vats', async () => {
    const demo = await startDemo('xsnap');
    const told: string[] = [];
    const note =
      (what: string) =>
      (details: object = {}) => {
        const { computrons } = details as { computrons?: bigint };
        told.push(computrons === undefined ? what : `${what} with ${typeof computrons}`);
        return true;
      };
    const policy = {
      vatCreated: note('created'),
      crankComplete: note('complete'),
      crankFailed: note('failed'),
      emptyCrank: note('empty'),
    };
    await demo.host('createUnlimitedMeter', 'meter');
    const options = { meter: 'meter' };
    demo.controller.queueToVatRoot('host', 'createVat', ['carol', 'contract', options], 'none');
    await demo.run(policy);
    expect(told.filter(what => what === 'created with bigint')).to.have.length(1);
    expect(told).to.include.members(['empty', 'complete with bigint']);
    expect(told).not.to.include('failed');
    told.length = 0;
    demo.controller.queueToVatRoot('host', 'send', ['carol', 'spin'], 'none');
    await demo.run(policy);
    expect(told.filter(what => what.startsWith('failed'))).to.have.length(1);
  });

  it('leave terminated vats for later, or delete a portion, or all', async () => {
    const demo = await startDemo('local');
    const { controller } = demo;
    await demo.host('createVat', 'carol', 'contract');
    const vatID = controller.getStatus().activeVats.at(-1)?.id ?? '';
    const rows = () => {
      const { kvEntries } = demo.store.debug.dump();
      return Object.keys(kvEntries).filter(key => key.startsWith(`${vatID}.`)).length;
    };
    controller.terminateVat(vatID, kser('over'));
    const before = rows();
    await demo.run(noCleanup());
    expect(rows()).to.be.closeTo(before, 10);
    await demo.run(someCleanup(1));
    const then = rows();
    expect(then).to.be.greaterThan(10);
    await demo.run(someCleanup(5));
    expect(rows()).to.be.lessThan(then);
    let budget = 20;
    await demo.run({
      ...foreverPolicy(),
      allowCleanup: () => (budget > 0 ? { default: budget } : false),
      didCleanup: ({ cleanups }) => {
        budget -= cleanups['total'] ?? 0;
        return true;
      },
    });
    expect(budget).to.be.at.most(0);
    // As policies of older hosts say it: one number for every kind.
    const then20 = rows();
    const older = { budget: 3 } as CleanupBudget;
    await demo.run({ ...foreverPolicy(), allowCleanup: () => older, didCleanup: () => false });
    expect(rows()).to.be.within(then20 - 18, then20 - 1);
    await demo.run({ ...foreverPolicy(), allowCleanup: () => true });
    expect(rows()).to.equal(0);
  });
});
