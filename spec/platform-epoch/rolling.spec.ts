import { expect } from 'chai';
import { computronCounter, crankCounter, foreverPolicy } from '../../lib/index.js';
import { summarizeSwingset } from '../../lib/host/swingset-summary.js';
import { KernelPanicError } from '../../lib/kernel/delivery/errors.js';
import type { RunPolicy } from '../../lib/types/policies.js';
import { failureOf } from '../support/failure.js';
import { startLife, type Life } from '../support/swingset.js';
import { workers } from '../support/workers.js';
import { makeConfig, resultFor, suspensionOf } from './support/fixture.js';

const rolling = { platformEpoch: 2, platformRestart: { mode: 'rolling' } } as const;
const NAMES = ['carol', 'dave', 'erin', 'frank'] as const;

/** A swingset with dynamic vats carol (v5) to frank (v8), whose creation options may be given. */
const start = async (
  worker: 'local' | 'xsnap' = 'local',
  options: Partial<Record<(typeof NAMES)[number], object>> = {},
  checkAtEnd = true,
): Promise<Life> => {
  const life = await startLife({ config: makeConfig(), worker, platformEpoch: 1, checkAtEnd });
  await life.run();
  for (const name of NAMES) await life.call('boot', 'create', name, options[name] ?? {});
  return life;
};

const sleepers = (life: Life): string[] =>
  life.controller
    .getStatus()
    .activeVats.filter(({ suspended }) => suspended?.suspended && suspended.error === undefined)
    .map(({ id }) => id);

const rowOf = (life: Life) => life.kernelStorage.kvStore.get('platformEpoch.rolling');

for (const worker of workers) {
  describe(`a rolling restart, on ${worker}`, () => {
    it('starts one sleeping vat at the end of each run, and notes when all are done', async () => {
      const life = await start(worker);
      await life.reboot(rolling);
      expect(life.controller.getPlatformRestartReport()?.mode).to.equal('rolling');
      expect(resultFor(life, 'v5')).to.include({ result: 'suspended', sleeps: true });
      expect(sleepers(life)).to.deep.equal(['v5', 'v6', 'v7', 'v8']);
      expect(life.controller.getStatus().rolling).to.deep.equal({
        epoch: 2,
        total: 4,
        sleeping: 4,
        runsLeft: undefined,
      });
      life.slog.length = 0;

      await life.run();
      expect(sleepers(life)).to.deep.equal(['v6', 'v7', 'v8']);
      expect(life.controller.getStatus().rolling).to.include({ sleeping: 3, runsLeft: 3 });

      // Its message starts dave at once; the run then starts the next that still sleeps.
      expect(await life.call('boot', 'send', 'dave', 'lives')).to.equal(2);
      expect(sleepers(life)).to.deep.equal(['v8']);

      // A reboot goes on.
      await life.reboot({ platformEpoch: 2 });
      expect(life.controller.getStatus().rolling).to.include({ total: 4, sleeping: 1 });
      await life.run();
      expect(sleepers(life)).to.deep.equal([]);
      expect(rowOf(life)).to.equal('{"total":4}');
      await life.run();
      expect(life.controller.getStatus()).not.to.have.property('rolling');
      expect(rowOf(life)).to.equal(undefined);
      expect(await life.run()).to.equal(0);

      const turns = life.slog.filter(({ type }) => type === 'epoch-rolling');
      expect(turns.map(({ vatID, sleeping }) => [vatID, sleeping])).to.deep.equal([
        ['v5', 3],
        ['v7', 1],
        ['v8', 0],
      ]);
      expect(
        life.slog.filter(({ type }) => type === 'epoch-rolling-finish').map(({ epoch }) => epoch),
      ).to.deep.equal([2]);
      for (const name of NAMES) expect(await life.call('boot', 'send', name, 'lives')).to.equal(2);
    });
  });
}

describe('the progress of a rolling restart', () => {
  it('counts vats that somebody lets sleep after it began', async () => {
    const life = await start();
    for (const vatID of ['v6', 'v7']) await life.controller.suspendVat(vatID);
    await life.reboot(rolling);
    expect(life.controller.getStatus().rolling).to.include({ total: 2, sleeping: 2 });
    for (const vatID of ['v6', 'v7']) life.controller.unpauseVat(vatID);
    const all = { total: 4, sleeping: 4 };
    expect(life.controller.getStatus().rolling).to.include(all);
    expect(summarizeSwingset(life.kernelStorage).rolling).to.deep.equal(all);
    await life.run(foreverPolicy({ restarts: { vats: 4 } }));
    expect(sleepers(life)).to.deep.equal([]);
  });

  it('says of an exempt vat which sleeps since an earlier epoch that it does', async () => {
    const life = await start();
    await life.reboot({ platformEpoch: 2, platformRestart: { mode: 'lazy' } });
    await life.call('boot', 'send', 'dave', 'bump');
    await life.reboot({
      platformEpoch: 3,
      platformRestart: { mode: 'rolling', exempt: ['v5', 'v6'] },
    });
    expect(resultFor(life, 'v5')).to.include({ result: 'exempt', sleeps: true });
    expect(resultFor(life, 'v6')).to.include({ result: 'exempt', sleeps: false });
    expect(life.controller.getStatus().rolling).to.include({ total: 3, sleeping: 3 });
  });
});

describe('a run policy', () => {
  it('lets vats start also when it has ended the run', async () => {
    const life = await start();
    life.controller.queueToVatRoot('boot', 'send', ['frank', 'bump']);
    await life.reboot(rolling);
    const cranks = await life.run(crankCounter(1, 1, true, { restarts: { vats: 2 } }));
    expect(cranks, 'one crank and two starts').to.equal(3);
    expect(sleepers(life)).to.deep.equal(['v7', 'v8']);
    expect(life.controller.dump().runQueue).to.have.length(1);
  });

  it('is told what each start cost, and may stop at a number of computrons', async () => {
    const told: (bigint | undefined)[] = [];
    const life = await start('xsnap');
    await life.reboot(rolling);
    const everything: RunPolicy = {
      ...foreverPolicy(),
      allowRestart: () => told.length < 1,
      didRestart: ({ computrons }) => void told.push(computrons),
    };
    await life.run(everything);
    const [cost] = told;
    if (cost === undefined) throw Error('no start was told');
    expect(Number(cost)).to.be.greaterThan(10_000);
    const budget = { vats: 10, computrons: cost + 1n };
    await life.run(computronCounter(1_000_000_000n, { restarts: budget }));
    expect(sleepers(life), 'the second start exceeds the budget').to.deep.equal(['v8']);
  });
});

describe('a vat that sleeps in a rolling restart', () => {
  const failing = { vatParameters: { failInLife: 1 } };

  it("is suspended if it can't start, and the others start", async () => {
    const life = await start('local', { carol: failing });
    await life.reboot(rolling);
    const waiting = life.controller.queueToVatRoot('boot', 'send', ['carol', 'bump']);
    await life.run(foreverPolicy({ restarts: { vats: 2 } }));
    expect(suspensionOf(life, 'v5')).to.include({ paused: true, waiting: 1 });
    expect(suspensionOf(life, 'v5')?.error).to.equal('Error: life 1 is one too many');
    expect(sleepers(life)).to.deep.equal(['v8']);
    await life.call('boot', 'upgrade', 'carol', 'mended');
    expect(life.resultOf(waiting)).to.deep.equal([1, 1]);
  });

  it('is suspended when its turn comes though nobody sent to it', async () => {
    const life = await start('local', { carol: failing });
    await life.reboot(rolling);
    await life.run();
    expect(suspensionOf(life, 'v5')?.error).to.equal('Error: life 1 is one too many');
    expect(sleepers(life)).to.deep.equal(['v6', 'v7', 'v8']);
    // Unpaused, it sleeps again, and has another turn.
    life.controller.unpauseVat('v5');
    await life.run();
    expect(suspensionOf(life, 'v5')?.error).to.equal('Error: life 1 is one too many');
  });

  it('is terminated, or stops the kernel, if the host wanted that', async () => {
    const life = await start('local', { carol: failing });
    await life.reboot({
      ...rolling,
      platformRestart: { mode: 'rolling', onVatFailure: 'terminate' },
    });
    await life.run();
    expect(life.controller.getStatus().activeVats.map(({ id }) => id)).not.to.include('v5');

    const other = await start('local', { carol: failing }, false);
    await other.reboot({ ...rolling, platformRestart: { mode: 'rolling', onVatFailure: 'panic' } });
    const failure = await failureOf(other.run());
    expect(failure).to.be.instanceOf(KernelPanicError);
    expect(String(failure)).to.include('v5 could not be restarted').and.include('one too many');
  });

  it('has no turn while it is suspended, and stays paused if it was', async () => {
    const life = await start();
    await life.reboot(rolling);
    await life.controller.suspendVat('v5');
    life.controller.pauseVat('v6');
    await life.run();
    expect(suspensionOf(life, 'v5')).to.include({ suspended: true });
    expect(suspensionOf(life, 'v6')).to.include({ suspended: false, paused: true });
  });

  it('goes straight to a newer epoch', async () => {
    const life = await start();
    await life.reboot(rolling);
    await life.run();
    await life.reboot({ ...rolling, platformEpoch: 3 });
    expect(life.controller.getStatus().rolling).to.include({ epoch: 3, total: 4, sleeping: 4 });
    expect(resultFor(life, 'v5')).to.include({ incarnation: 2 });
    expect(resultFor(life, 'v6')).to.include({ incarnation: 1 });
    await life.run(foreverPolicy({ restarts: { vats: 4 } }));
    expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(3);
    expect(await life.call('boot', 'send', 'dave', 'lives')).to.equal(2);

    await life.reboot({ ...rolling, platformEpoch: 4 });
    await life.reboot({ platformEpoch: 5 });
    expect(life.controller.getStatus()).not.to.have.property('rolling');
    expect(sleepers(life)).to.deep.equal([]);
  });
});
