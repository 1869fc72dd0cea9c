import { expect } from 'chai';
import { kser } from '../../lib/kernel/delivery/kmarshal.js';
import type { CleanupBudget, RunPolicy } from '../../lib/types/policies.js';
import { startDemo, type Demo } from './support/demo.js';

type Call = readonly [kind: string, details?: object];

/** Goes on for ever and notes what it hears; `budgets` are for cleanups, one for each time it is asked. */
const listen = (budgets?: CleanupBudget[]): { policy: RunPolicy; calls: Call[] } => {
  const calls: Call[] = [];
  const note = (kind: string) => (details?: object) => {
    calls.push(details ? [kind, details] : [kind]);
    return true;
  };
  const policy = {
    vatCreated: note('vatCreated'),
    crankComplete: note('crankComplete'),
    crankFailed: note('crankFailed'),
    emptyCrank: note('emptyCrank'),
    didCleanup: note('didCleanup'),
    ...(budgets && { allowCleanup: () => budgets.shift() ?? false }),
  };
  return { policy, calls };
};

describe('what run policies hear, on xsnap', () => {
  let demo: Demo;
  beforeEach(async () => {
    // The amounts are those of the stock platform.
    demo = await startDemo('xsnap', { platform: 'stock' });
  });

  /** Of one message to the host vat: what is no routing and no everyday delivery. */
  const hear = async (...message: [method: string, ...args: unknown[]]): Promise<Call[]> => {
    const { policy, calls } = listen([]);
    const [method, ...args] = message;
    demo.controller.queueToVatRoot('host', method, args, 'none');
    await demo.run(policy);
    return calls.filter(
      ([kind, details]) =>
        kind !== 'emptyCrank' &&
        !(kind === 'crankComplete' && (details as { computrons: bigint }).computrons < 1_000_000n),
    );
  };
  const expectStart = (calls: readonly Call[], kind: string) => {
    expect(calls.map(([each]) => each)).to.deep.equal([kind]);
    const { computrons } = calls[0]?.[1] as { computrons: bigint };
    expect(computrons > 30_000_000n && computrons < 40_000_000n).to.equal(true);
  };

  it('is what starts of incarnations cost, whether or not they succeed', async () => {
    expectStart(await hear('createVat', 'carol', 'contract'), 'vatCreated');
    const unfit = { vatParameters: { fail: 'unfit' } };
    expectStart(await hear('createVat', 'dave', 'contract', unfit), 'vatCreated');
    expectStart(await hear('upgrade', 'carol', 'contract'), 'crankComplete');
    expectStart(await hear('upgrade', 'carol', 'contract', unfit), 'crankComplete');
  });

  it('is a failure where a vat is at fault, and not where it leaves or its meter is empty', async () => {
    await demo.host('createMeter', 'meter', 34_000_000n, 0n);
    for (const name of ['carol', 'dave', 'eve']) {
      demo.controller.resetAllMeters(34_000_000n);
      await demo.host('createVat', name, 'contract', { meter: 'meter' });
    }
    expect(await hear('send', 'carol', 'spin')).to.deep.equal([['crankFailed', {}]]);
    expect(await hear('send', 'dave', 'exitWithFailure', 'no')).to.deep.equal([]);
    const [overdrawn, ...others] = await hear('send', 'eve', 'work', 200_000);
    expect([overdrawn?.[0], others]).to.deep.equal(['crankComplete', []]);
    expect(await demo.host('outcome', 'eve:done')).to.deep.equal([
      'rejected',
      'meter underflow, vat terminated',
    ]);
  });
});

describe('run policies that allow cleanups', () => {
  it('are asked when nothing new is to be routed, and hear of all kinds', async () => {
    const demo = await startDemo('local');
    const bob = demo.controller.vatNameToID('bob');
    demo.controller.terminateVat(bob, kser(Error('over')));
    await demo.run(listen([]).policy);
    demo.controller.queueToVatRoot('alice', 'echo', [1], 'none');
    const { policy, calls } = listen([{ default: 4 }]);
    await demo.run(policy);
    expect(calls.filter(([kind]) => kind === 'didCleanup')).to.deep.equal([
      [
        'didCleanup',
        {
          cleanups: {
            total: 5,
            exports: 1,
            imports: 0,
            promises: 0,
            kv: 4,
            snapshots: 0,
            transcripts: 0,
          },
        },
      ],
    ]);
  });
});

describe('the end of a vat that the host asks for', () => {
  it('comes before all that it has not been given yet', async () => {
    const demo = await startDemo('local');
    const bob = demo.controller.vatNameToID('bob');
    const asked = demo.controller.queueToVatRoot('bob', 'echo', [1]);
    while (demo.controller.dump().runQueue.length === 0) await demo.controller.step();
    const later = demo.controller.queueToVatRoot('bob', 'echo', [2]);
    demo.slog.length = 0;
    demo.controller.terminateVat(bob, kser(Error('runaway')));
    await demo.run();
    for (const kpid of [asked, later]) {
      expect(() => demo.resultOf(kpid)).to.throw('vat terminated');
    }
    const delivered = demo.slog.filter(({ type, vatID }) => type === 'deliver' && vatID === bob);
    expect(delivered).to.deep.equal([]);
  });
});
