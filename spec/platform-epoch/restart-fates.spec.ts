import { expect } from 'chai';
import { kser, makeErrorData } from '../../lib/kernel/delivery/kmarshal.js';
import { CriticalRestartError, RestartFailedError } from '../../lib/platform-epoch/errors.js';
import { readEpochLedger } from '../../lib/platform-epoch/ledger.js';
import type { PlatformRestartProgress, VatRestartResult } from '../../lib/platform-epoch/types.js';
import { failureOf } from '../support/failure.js';
import {
  failsLater,
  startScripted,
  valueOf,
  type Code,
  type ScriptedKernel,
  type ScriptedVat,
} from '../support/scripted-kernel.js';

/** vatAdmin (v1), alice (v2), bob (v3), started for epoch 1. */
const start = async (
  vats: { readonly [Name in 'vatAdmin' | 'alice' | 'bob']?: ScriptedVat },
  options: { readonly worker?: 'xsnap'; readonly checkAtEnd?: boolean } = {},
): Promise<ScriptedKernel> => {
  const { vatAdmin = {}, alice = {}, bob = {} } = vats;
  const scripted = await startScripted({ vats: { vatAdmin, alice, bob }, ...options });
  await scripted.kernel.run();
  scripted.told.length = 0;
  scripted.slog.length = 0;
  return scripted;
};

const reportOf = ({ kernel }: ScriptedKernel) => {
  const report = kernel.getPlatformRestartReport();
  if (!report) throw Error('no restart');
  return report;
};
const resultsOf = (scripted: ScriptedKernel) =>
  reportOf(scripted).vats.map(({ vatID, result, error }) => [vatID, result, error]);
const lastRecord = ({ kernelStorage }: ScriptedKernel) => {
  const { epoch, status, restarted, suspended, failed, terminated, exempt } =
    readEpochLedger(kernelStorage).at(-1) ?? {};
  return { epoch, status, restarted, suspended, failed, terminated, exempt };
};
const serviceOf = ({ parts }: ScriptedKernel, vatID: string) =>
  parts.lifecycle.state.services.get(vatID as never);
const rejectionOf = ({ kernel }: ScriptedKernel, kpid: string): unknown => {
  expect(kernel.kpStatus(kpid)).to.equal('rejected');
  return valueOf(kernel.kpResolution(kpid, { incref: false }));
};

const untouched = {
  error: undefined,
  computrons: undefined,
  promisesRejected: 0,
  objectsAbandoned: 0,
  importsReclaimed: 0,
  rowsReclaimed: 0,
  parameters: 'retained',
  sleeps: false,
  objectsHeld: 0,
  abandonedHeld: [],
} as const;

/** At the start of its second incarnation, the vat exits. */
const exitsLater =
  (isFailure: boolean): Code =>
  ({ delivery, incarnation, syscall }) => {
    if (delivery[0] === 'startVat' && incarnation === 1) {
      syscall(['exit', isFailure, kser('enough') as never]);
    }
  };

describe('a vat that fails at its restart', () => {
  it('is suspended by default, and its holders hear of the end of its incarnation', async () => {
    const scripted = await start({ alice: { code: failsLater } });
    const answer = scripted.kernel.queueToVatRoot('alice', 'ask', [], 'panic');
    await scripted.kernel.run();
    await scripted.boot({ platformEpoch: 2 });

    expect(reportOf(scripted)).to.deep.include({
      from: 1,
      to: 2,
      decision: 'advance',
      mode: 'eager',
      doneBefore: 0,
      queuedEvents: 0,
      queuedByVat: {},
      warnings: [],
    });
    const alice: VatRestartResult = {
      ...untouched,
      vatID: 'v2' as never,
      name: 'alice',
      result: 'suspended',
      error: 'one life is enough',
      ms: 1,
      incarnation: 1,
      promisesRejected: 1,
    };
    expect(reportOf(scripted).vats[1]).to.deep.equal(alice);
    expect(resultsOf(scripted)).to.deep.equal([
      ['v1', 'restarted', undefined],
      ['v2', 'suspended', 'one life is enough'],
      ['v3', 'restarted', undefined],
    ]);
    expect(lastRecord(scripted)).to.deep.equal({
      epoch: 2,
      status: 'complete',
      restarted: 2,
      suspended: 1,
      failed: 1,
      terminated: 0,
      exempt: 0,
    });
    expect(serviceOf(scripted, 'v2')).to.deep.include({
      type: 'failed',
      error: 'one life is enough',
    });
    // Though the promise has policy `panic`, the kernel goes on.
    expect(rejectionOf(scripted, answer)).to.deep.equal({
      name: 'vatUpgraded',
      upgradeMessage: 'platform epoch 2',
      incarnationNumber: 0,
    });
    expect(scripted.told).to.deep.equal([
      'v2.0 message',
      ...['v1.1 startVat', 'withdraw v1', 'v2.1 startVat', 'withdraw v2'],
      ...['v3.1 startVat', 'withdraw v3', 'preload v1 v3'],
    ]);
  });

  it('is terminated if the host wants that', async () => {
    const scripted = await start({ alice: { code: failsLater } });
    const answer = scripted.kernel.queueToVatRoot('alice', 'ask', [], 'panic');
    await scripted.kernel.run();
    await scripted.boot({ platformEpoch: 2, platformRestart: { onVatFailure: 'terminate' } });

    expect(reportOf(scripted).vats[1]).to.deep.equal({
      ...untouched,
      vatID: 'v2',
      name: 'alice',
      result: 'terminated',
      error: 'one life is enough',
      ms: 1,
      incarnation: 1,
      promisesRejected: 1,
    });
    expect(lastRecord(scripted)).to.deep.include({
      status: 'complete',
      restarted: 2,
      suspended: 0,
      failed: 1,
      terminated: 1,
    });
    expect(scripted.parts.lifecycle.state.vats.isLive('v2' as never)).to.equal(false);
    expect(String(rejectionOf(scripted, answer))).to.equal('Error: vat terminated');
    const end = scripted.slog.find(({ type }) => type === 'terminate');
    expect(end).to.deep.include({ vatID: 'v2', shouldReject: true });
    expect(String(valueOf(end?.['info'] as never))).to.equal(
      'Error: platform restart failed: one life is enough',
    );
  });

  it('is suspended if it is vat-admin, whatever the host wants, and says so', async () => {
    const scripted = await start({ vatAdmin: { code: failsLater } });
    await scripted.boot({ platformEpoch: 2, platformRestart: { onVatFailure: 'terminate' } });
    const error = 'one life is enough; vat-admin is suspended, not terminated';
    expect(resultsOf(scripted)[0]).to.deep.equal(['v1', 'suspended', error]);
    expect(serviceOf(scripted, 'v1')).to.deep.include({ type: 'failed', error });

    await scripted.boot({ platformEpoch: 3, platformRestart: { onVatFailure: 'suspend' } });
    expect(resultsOf(scripted)[0]).to.deep.equal(['v1', 'suspended', 'one life is enough']);
  });

  it('stops the boot after every vat was tried, if the host wants that', async () => {
    const scripted = await start(
      { alice: { code: failsLater }, bob: { code: failsLater } },
      { checkAtEnd: false },
    );
    const boot = scripted.boot({ platformEpoch: 2, platformRestart: { onVatFailure: 'panic' } });
    const error = await failureOf(boot);
    expect(error).to.be.instanceOf(RestartFailedError);
    expect(error).to.have.deep.property('failures', [
      { vatID: 'v2', error: 'one life is enough' },
      { vatID: 'v3', error: 'one life is enough' },
    ]);
  });

  it('stops the boot if it is critical, and no other failure is named then', async () => {
    const scripted = await start(
      { alice: { code: failsLater }, bob: { code: failsLater, options: { critical: true } } },
      { checkAtEnd: false },
    );
    const error = await failureOf(scripted.boot({ platformEpoch: 2 }));
    expect(error).to.be.instanceOf(CriticalRestartError);
    expect(error).to.have.deep.property('failures', [{ vatID: 'v3', error: 'one life is enough' }]);
  });
});

describe('a vat that exits at its restart', () => {
  it('ends, and has not failed', async () => {
    const scripted = await start({ alice: { code: exitsLater(false) } });
    await scripted.boot({ platformEpoch: 2 });
    expect(reportOf(scripted).vats[1]).to.deep.equal({
      ...untouched,
      vatID: 'v2',
      name: 'alice',
      result: 'terminated',
      ms: 1,
      computrons: 100,
      incarnation: 1,
    });
    expect(lastRecord(scripted)).to.deep.include({ restarted: 2, terminated: 1, failed: 0 });
    expect(scripted.parts.lifecycle.state.vats.isLive('v2' as never)).to.equal(false);
  });

  it('has failed if it exits with failure', async () => {
    const scripted = await start({ alice: { code: exitsLater(true) } });
    await scripted.boot({ platformEpoch: 2 });
    expect(resultsOf(scripted)[1]).to.deep.equal(['v2', 'suspended', 'enough']);
    expect(lastRecord(scripted)).to.deep.include({ suspended: 1, terminated: 0, failed: 1 });
  });

  it('has failed if it is critical', async () => {
    const scripted = await start(
      { alice: { code: exitsLater(false), options: { critical: true } } },
      { checkAtEnd: false },
    );
    const error = await failureOf(scripted.boot({ platformEpoch: 2 }));
    expect(error).to.be.instanceOf(CriticalRestartError);
    expect(error).to.have.deep.property('failures', [{ vatID: 'v2', error: 'enough' }]);
  });
});

describe('a restart leaves as it is', () => {
  it('a vat that is exempt', async () => {
    const scripted = await start({});
    await scripted.boot({ platformEpoch: 2, platformRestart: { exempt: ['alice'] } });
    expect(reportOf(scripted).vats[1]).to.deep.equal({
      ...untouched,
      vatID: 'v2',
      name: 'alice',
      result: 'exempt',
      ms: 0,
      incarnation: 0,
    });
    expect(lastRecord(scripted)).to.deep.include({ restarted: 2, exempt: 1, failed: 0 });
    expect(scripted.warnings).to.deep.equal([
      'platform epoch 2: v2 (alice) is exempt and is not restarted',
    ]);
    expect(scripted.told).to.not.include('v2.1 startVat');
    expect(scripted.told.at(-1)).to.equal('preload v1 v2 v3');
  });

  it('a vat that has not started, which then starts on the new platform', async () => {
    const scripted = await startScripted({
      vats: { alice: {}, bob: {} },
      worker: 'xsnap',
    });
    // To the run-queue, and alice's start.
    for (let crank = 0; crank < 3; crank += 1) await scripted.kernel.step();
    expect(scripted.told).to.deep.equal(['preload', 'v1.0 startVat']);
    await scripted.boot({ platformEpoch: 2, engine: 'engine 2' });
    expect(reportOf(scripted)).to.deep.include({ queuedEvents: 1, queuedByVat: { v2: 1 } });
    expect(reportOf(scripted).vats[1]).to.deep.equal({
      ...untouched,
      vatID: 'v2',
      name: 'bob',
      result: 'unstarted',
      ms: 1,
      incarnation: 0,
    });
    expect(lastRecord(scripted)).to.deep.include({ restarted: 1, suspended: 0, failed: 0 });
    const { workerOptions } = scripted.parts.lifecycle.state.vats.getOptions('v2' as never);
    expect(workerOptions).to.deep.include({ type: 'xsnap', engine: 'engine 2' });
    expect(scripted.warnings[0]).to.include('the restart begins with 1 queued event (v2: 1)');
    await scripted.kernel.run();
    expect(scripted.told.at(-1)).to.equal('v2.0 startVat');
  });

  it('the suspension of a vat that the host has suspended, but not its incarnation', async () => {
    const scripted = await start({}, { worker: 'xsnap' });
    await scripted.kernel.suspendVat('v2');
    await scripted.boot({ platformEpoch: 2, engine: 'engine 2' });
    expect(resultsOf(scripted)[1]).to.deep.equal(['v2', 'suspended', undefined]);
    expect(reportOf(scripted).vats[1]).to.deep.include({ sleeps: false });
    expect(lastRecord(scripted)).to.deep.include({ restarted: 2, suspended: 1, failed: 0 });
    expect(serviceOf(scripted, 'v2')).to.deep.include({ type: 'held', by: 'host' });
    const { workerOptions } = scripted.parts.lifecycle.state.vats.getOptions('v2' as never);
    expect(workerOptions).to.deep.include({ engine: 'engine 2' });
    await scripted.kernel.resumeVat('v2');
    expect(scripted.told.at(-1)).to.equal('v2.1 startVat');
  });

  it('a vat without a transcript, whose next worker takes the new platform', async () => {
    const scripted = await start(
      { alice: { options: { useTranscript: false } } },
      { worker: 'xsnap' },
    );
    const answer = scripted.kernel.queueToVatRoot('alice', 'ask');
    await scripted.kernel.run();
    await scripted.boot({ platformEpoch: 2, engine: 'engine 2' });
    expect(reportOf(scripted).vats[1]).to.deep.equal({
      ...untouched,
      vatID: 'v2',
      name: 'alice',
      result: 'restarted',
      ms: 1,
      incarnation: 1,
    });
    expect(scripted.kernel.kpStatus(answer)).to.equal('unresolved');
    expect(scripted.told).to.not.include('v2.1 startVat');
    await scripted.kernel.suspendVat('v2');
    await scripted.boot({ platformEpoch: 3 });
    expect(resultsOf(scripted)[1]).to.deep.equal(['v2', 'suspended', undefined]);
  });

  it('a vat that the restart of another has ended', async () => {
    const endsBob: Code = ({ delivery, incarnation }) => {
      if (delivery[0] !== 'startVat' || incarnation !== 1) return;
      const info = makeErrorData('ended');
      scripted.parts.cranks.requestTermination({ vatID: 'v3' as never, reject: false, info });
    };
    const scripted = await start({ alice: { code: endsBob } });
    await scripted.boot({ platformEpoch: 2 });
    expect(reportOf(scripted).vats[2]).to.deep.equal({
      ...untouched,
      vatID: 'v3',
      name: 'bob',
      result: 'terminated',
      ms: 0,
      incarnation: 0,
    });
    expect(lastRecord(scripted)).to.deep.include({ restarted: 2, terminated: 1, failed: 0 });
    expect(scripted.told).to.not.include('v3.1 startVat');
  });
});

describe('the host of a restart', () => {
  it('hears of each step, and commits between vats', async () => {
    const scripted = await start({ alice: { code: failsLater } });
    const heard: (PlatformRestartProgress | 'checkpoint')[] = [];
    await scripted.boot({
      platformEpoch: 2,
      platformRestart: {
        onRestartProgress: progress => void heard.push(progress),
        checkpoint: async () => void heard.push('checkpoint'),
      },
    });
    const of = (index: number, vatID: string, name: string) => ({ index, total: 3, vatID, name });
    expect(heard).to.deep.equal([
      { phase: 'start', index: 0, total: 3 },
      { phase: 'turn', ...of(0, 'v1', 'vatAdmin') },
      { phase: 'vat', ...of(1, 'v1', 'vatAdmin'), result: 'restarted', ms: 1 },
      'checkpoint',
      { phase: 'turn', ...of(1, 'v2', 'alice') },
      { phase: 'vat', ...of(2, 'v2', 'alice'), result: 'suspended', ms: 1 },
      'checkpoint',
      { phase: 'turn', ...of(2, 'v3', 'bob') },
      { phase: 'vat', ...of(3, 'v3', 'bob'), result: 'restarted', ms: 1 },
      { phase: 'finish', index: 3, total: 3 },
    ]);
    const ofEpoch = scripted.slog.filter(({ type }) => type.startsWith('epoch-restart-'));
    expect(
      ofEpoch.map(({ type, epoch, vatID, vats }) => [type, epoch, vatID ?? vats]),
    ).to.deep.equal([
      ['epoch-restart-start', 2, 3],
      ['epoch-restart-vat', 2, 'v1'],
      ['epoch-restart-vat', 2, 'v2'],
      ['epoch-restart-vat', 2, 'v3'],
      ['epoch-restart-finish', 2, 3],
    ]);
  });

  it('is asked to commit only when no vat is left whose failure would stop the kernel', async () => {
    const commitsAfter = async (critical: string, fails?: string) => {
      const vat = (name: string): ScriptedVat => ({
        ...(name === critical && { options: { critical: true } }),
        ...(name === fails && { code: failsLater }),
      });
      const scripted = await start(
        { vatAdmin: vat('vatAdmin'), alice: vat('alice'), bob: vat('bob') },
        { checkAtEnd: false },
      );
      const done: string[] = [];
      const checkpoint = async () => {
        done.push(scripted.told.filter(each => each.endsWith('startVat')).at(-1) ?? '');
      };
      const boot = scripted.boot({ platformEpoch: 2, platformRestart: { checkpoint } });
      await boot.catch(() => undefined);
      return done;
    };
    expect(await commitsAfter('vatAdmin')).to.deep.equal(['v1.1 startVat', 'v2.1 startVat']);
    expect(await commitsAfter('alice')).to.deep.equal(['v2.1 startVat']);
    expect(await commitsAfter('bob')).to.deep.equal([]);
    expect(await commitsAfter('vatAdmin', 'vatAdmin')).to.deep.equal([]);
  });

  it('may crash between two vats: the next boot goes on with those that are left', async () => {
    const scripted = await start({});
    const faultPoint = (name: string) => {
      if (name === 'platform-restart:after:v2') throw Error('the plug is pulled');
    };
    const fault = await failureOf(scripted.boot({ platformEpoch: 2, faultPoint }));
    expect(fault).to.have.property('message', 'the plug is pulled');
    expect(lastRecord(scripted)).to.deep.include({ epoch: 2, status: 'in-progress', restarted: 2 });

    scripted.told.length = 0;
    await scripted.boot({ platformEpoch: 2 });
    expect(reportOf(scripted)).to.deep.include({ decision: 'resume', from: 1, to: 2 });
    expect(reportOf(scripted)).to.deep.include({ doneBefore: 2 });
    expect(resultsOf(scripted)).to.deep.equal([['v3', 'restarted', undefined]]);
    expect(scripted.told.filter(each => each.endsWith('startVat'))).to.deep.equal([
      'v3.1 startVat',
    ]);
    expect(lastRecord(scripted)).to.deep.include({ status: 'complete', restarted: 3 });
    await scripted.boot({ platformEpoch: 2 });
    expect(scripted.kernel.getPlatformRestartReport()).to.equal(undefined);
  });

  it('may let vats run ahead of their turns, as many as it says', async () => {
    const scripted = await start({ alice: { code: failsLater } }, { worker: 'xsnap' });
    await scripted.boot({ platformEpoch: 2, platformRestart: { concurrency: 2 } });
    expect(scripted.told.slice(0, 3)).to.have.members([
      'ahead v1.1 startVat',
      'ahead v2.1 startVat',
      'v1.1 startVat',
    ]);
    expect(scripted.told.indexOf('ahead v3.1 startVat')).to.be.within(3, 7);
    expect(resultsOf(scripted)).to.deep.equal([
      ['v1', 'restarted', undefined],
      ['v2', 'suspended', 'one life is enough'],
      ['v3', 'restarted', undefined],
    ]);
  });
});
