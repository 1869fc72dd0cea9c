/** The plan of a boot, and the boot that follows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lookAtStore } from '../../lib/host/look-at-store.js';
import {
  planEpochBoot,
  type AcceptedPlan,
  type EpochPlan,
  type EpochPlanOptions,
} from '../../lib/host/plan-epoch.js';
import type { PlannedVat } from '../../lib/platform-epoch/plan-turns.js';
import type { PlatformRestartReport } from '../../lib/platform-epoch/types.js';
import { runCommand, runOnTerminal } from '../cli/support.js';
import { failureOf } from '../support/failure.js';
import type { Life } from '../support/swingset.js';
import { inviteGuests } from './support/guests.js';

/** What the report says of a vat for which this was planned, unless it fails at its start. */
const RESULTS = {
  exempt: ['exempt', false],
  unstarted: ['unstarted', false],
  restarts: ['restarted', false],
  sleeps: ['suspended', true],
  held: ['suspended', false],
  fails: ['suspended', false],
} as const satisfies Record<PlannedVat['action'], readonly [string, boolean]>;

const accepted = (plan: EpochPlan): AcceptedPlan => {
  if (plan.decision === 'refused') throw Error(plan.reason);
  return plan;
};

describe('the plan of a boot', () => {
  let base: string;
  let home: string;
  before(() => {
    base = mkdtempSync(join(tmpdir(), 'plan-'));
    home = join(base, 'home');
  });
  after(() => rmSync(base, { recursive: true }));

  const plan = (options: EpochPlanOptions): Promise<EpochPlan> =>
    lookAtStore(home, ({ kernelStorage }) => planEpochBoot(kernelStorage, options));

  const expectAsPlanned = (given: EpochPlan, report: PlatformRestartReport | undefined): void => {
    const { restart, ...rest } = accepted(given);
    expect(report).to.deep.include({
      decision: rest.decision,
      to: rest.to,
      mode: restart?.options.mode,
      doneBefore: restart?.doneBefore,
      queuedEvents: restart?.queuedEvents,
      queuedByVat: restart?.queuedByVat,
    });
    const found = report?.vats.map(({ vatID, result, sleeps, error, parameters }) => [
      vatID,
      // Only the start itself shows that.
      ...(error === undefined ? [result, sleeps] : ['restarted', false]),
      ...(result === 'exempt' || result === 'unstarted' ? [] : [parameters]),
    ]);
    const planned = restart?.vats.map(({ vatID, action, parameters }) => [
      vatID,
      ...RESULTS[action],
      ...(action === 'exempt' || action === 'unstarted' ? [] : [parameters]),
    ]);
    expect(found).to.deep.equal(planned);
  };

  const reboot = async (life: Life, options: EpochPlanOptions): Promise<EpochPlan> => {
    const planned = await plan(options);
    await life.reboot(options);
    expectAsPlanned(planned, life.controller.getPlatformRestartReport());
    return planned;
  };

  const actionsOf = (given: EpochPlan) =>
    accepted(given).restart?.vats.map(({ vatID, action }) => [vatID, action]);

  it('is what the boot does', async () => {
    const life = await inviteGuests(['ann', 'bob', 'carl'], home);
    expect(accepted(await plan({ platformEpoch: 1 }))).to.deep.include({
      decision: 'current',
      from: 1,
      to: 1,
      restart: null,
      warnings: [],
      changes: [],
    });
    life.controller.queueToVatRoot('keeper', 'ask', ['carl']);
    await life.hostStorage.commit();

    // Options that refuse.
    for (const [options, code] of [
      [{ platformEpoch: 0 }, 'PLATFORM_EPOCH_REGRESSION'],
      [{ platformEpoch: 'summer' }, 'PLATFORM_EPOCH_KIND'],
      [
        { platformEpoch: 2, platformRestart: { requireEmptyQueue: true } },
        'PLATFORM_RESTART_QUEUE_NOT_EMPTY',
      ],
      [{ platformEpoch: 2, platformRestart: { exempt: ['dora'] } }, 'BAD_OPTION'],
      [{ platformEpoch: 1, platform: 'stock' }, 'PLATFORM_CHANGE'],
    ] as const satisfies readonly (readonly [EpochPlanOptions, string])[]) {
      expect(await plan(options), code).to.include({ decision: 'refused', code });
    }

    // Eager, with an exempt vat.
    const first = await reboot(life, {
      platformEpoch: 2,
      platformRestart: { exempt: ['carl'], onVatFailure: 'suspend' },
    });
    expect(actionsOf(first)).to.deep.equal([
      ['v1', 'restarts'],
      ['v2', 'restarts'],
      ['v3', 'restarts'],
      ['v4', 'restarts'],
      ['v5', 'exempt'],
    ]);
    expect(accepted(first).restart).to.deep.include({ queuedEvents: 1, queuedByVat: { v1: 1 } });

    // Lazy, with a vat that the host holds back.
    await life.controller.suspendVat('v4');
    await life.hostStorage.commit();
    const second = await reboot(life, {
      platformEpoch: 3,
      platformRestart: { mode: 'lazy', vatParameters: { v3: { fresh: true } } },
    });
    expect(actionsOf(second)).to.deep.equal([
      ['v1', 'restarts'],
      ['v2', 'restarts'],
      ['v3', 'sleeps'],
      ['v4', 'held'],
      ['v5', 'sleeps'],
    ]);

    // A restart that breaks off, and the boot that resumes it.
    await failureOf(
      life.reboot({
        platformEpoch: 4,
        platformRestart: { checkpoint: () => life.hostStorage.commit() },
        faultPoint: name => {
          if (name === 'platform-restart:before:v3') throw Error('power failure');
        },
      }),
    );
    expect(await plan({ platformEpoch: 4, platformRestart: { mode: 'lazy' } })).to.include({
      decision: 'refused',
      code: 'BAD_OPTION',
    });
    expect(await plan({})).to.include({
      decision: 'refused',
      code: 'PLATFORM_RESTART_UNFINISHED',
    });
    const last = await reboot(life, { platformEpoch: 4 });
    expect(last.decision).to.equal('resume');
    expect(actionsOf(last)?.map(([vatID]) => vatID)).to.deep.equal(['v3', 'v4', 'v5']);
    await life.run();
    await life.close();
  });

  it('is a command', async () => {
    const command = (...args: readonly string[]) =>
      runCommand('epoch', 'plan', '--home', home, ...args);
    const planned = await command('--epoch', '5', '--exempt', 'keeper', '--mode', 'lazy');
    expect(planned.code).to.equal(0);
    expect(planned.text).to.match(/^platform epoch 4 -> 5: a restart, mode lazy$/m);
    expect(planned.text).to.match(
      /^v1 +keeper +static +\d+ +keeps its incarnation \(exempt\) +- +-/m,
    );
    expect(planned.text).to.match(
      /^v5 +carl +dynamic +\d+ +starts afresh with its next delivery +retained +is suspended/m,
    );
    expect(planned.text).to.match(/^5 vats: 1 exempt, 1 restarts, 2 sleeps, 1 held$/m);
    const value = JSON.parse((await command('--epoch', '5', '--json')).text) as AcceptedPlan;
    expect(value).to.deep.include({ decision: 'advance', from: 4, to: 5 });
    expect(value.restart?.vats).to.have.length(5);

    const refused = await command('--epoch', '3');
    expect(refused.code).to.equal(1);
    expect(refused.text).to.match(/^refused: --epoch 3 is older than 4/);
    const same = await command('--epoch', '4');
    expect([same.code, same.text]).to.deep.equal([
      0,
      "platform epoch 4 is the store's own: nothing restarts",
    ]);
    const { text } = await runOnTerminal(70, 'epoch', 'plan', '--home', home, '--epoch', '5');
    for (const line of text.split('\n\n')[1]?.split('\n') ?? []) {
      expect(line.length).to.be.at.most(70);
    }
  });
});
