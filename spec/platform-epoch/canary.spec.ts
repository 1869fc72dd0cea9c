import { expect } from 'chai';
import { crankCounter, foreverPolicy } from '../../lib/controller/run-policies.js';
import { kser, kslot, makeErrorData } from '../../lib/kernel/delivery/kmarshal.js';
import { rehearseRestart, type RehearseOptions } from '../../lib/platform-epoch/rehearse.js';
import type { CanaryProgress } from '../../lib/platform-epoch/rehearsal-types.js';
import type { RunPolicy } from '../../lib/types/policies.js';
import type { DynamicVatOptions } from '../../lib/state/events.js';
import { failureOf } from '../support/failure.js';
import {
  codeID,
  failsLater,
  makePlatform,
  methodOf,
  startScripted,
  type Code,
  type ScriptedKernel,
} from '../support/scripted-kernel.js';

type Dynamic = Readonly<
  Record<string, { readonly code: Code; readonly options?: DynamicVatOptions }>
>;

/** Ends with a failure when it is told to, in its second life. */
const dies: Code = ({ incarnation, delivery, syscall }) => {
  if (methodOf(delivery) === 'die' && incarnation === 1) {
    syscall(['exit', true, makeErrorData('told to') as never]);
  }
};

const leaves: Code = ({ delivery, syscall }) => {
  if (methodOf(delivery) === 'leave') syscall(['exit', false, kser('done') as never]);
};

const exitsLater: Code = ({ delivery, incarnation, syscall }) => {
  if (delivery[0] === 'startVat' && incarnation > 0) syscall(['exit', false, kser(1) as never]);
};

/** vatAdmin (v1), boot (v2), alice (v3); dynamic vats from v4 on. */
const start = async (
  dynamic: Dynamic = {},
  { alice = () => undefined, checkAtEnd = true }: { alice?: Code; checkAtEnd?: boolean } = {},
): Promise<ScriptedKernel> => {
  const scripted = await startScripted({
    vats: { vatAdmin: {}, boot: {}, alice: { code: alice } },
    checkAtEnd,
  });
  await scripted.kernel.run();
  const { state } = scripted.parts.lifecycle;
  for (const [name, { code, options = {} }] of Object.entries(dynamic)) {
    scripted.code[name] = code;
    state.atomically(() => {
      state.acceptanceQueue.push({
        type: 'create-vat',
        vatID: state.vats.allocateID(),
        source: { bundleID: codeID(name) },
        vatParameters: kser({}),
        dynamicOptions: { name, ...options },
      });
    });
    await scripted.kernel.run();
  }
  return scripted;
};

const send = ({ kernel }: ScriptedKernel, vatID: string, method: string): void => {
  const root = kernel.getRootObject(vatID);
  kernel.queueToVatObject(kslot(root), method, [], 'none');
};

interface Given extends Partial<RehearseOptions> {
  readonly mode?: 'eager' | 'lazy' | 'rolling';
  readonly runPolicy?: () => RunPolicy;
}

const rehearse = (
  scripted: ScriptedKernel,
  { mode, runPolicy = foreverPolicy, platformRestart, ...options }: Given = {},
) =>
  rehearseRestart(
    {
      kernelStorage: scripted.kernelStorage,
      fingerprint: makePlatform('engine 1').fingerprint,
      runPolicy,
      now: (() => {
        let clock = 0;
        return () => (clock += 1);
      })(),
      boot: boot => scripted.boot(boot),
    },
    {
      platformEpoch: 2,
      platformRestart: { ...platformRestart, ...(mode && { mode }) },
      ...options,
    },
  );

describe('a canary', () => {
  it('is not part of an eager rehearsal without blocks', async () => {
    const scripted = await start();
    const report = await rehearse(scripted);
    expect(report).to.include({ ok: true, mode: 'eager', doneBefore: 0, canary: undefined });
  });

  it('runs blocks of the run-queue, and reports a vat that fails in one of them', async () => {
    const scripted = await start({ carol: { code: dies }, dave: { code: leaves } });
    send(scripted, 'v3', 'first');
    send(scripted, 'v5', 'leave');
    send(scripted, 'v4', 'die');
    send(scripted, 'v3', 'last');
    const progress: CanaryProgress[] = [];
    const report = await rehearse(scripted, {
      blocks: 4,
      runPolicy: () => crankCounter(2, 10),
      onCanaryProgress: each => void progress.push(each),
    });
    expect(report.ok).to.equal(false);
    expect(report.vats.every(({ result }) => result === 'restarted')).to.equal(true);
    expect(report.canary).to.deep.include({ blocks: 4, blocksRun: 4, problem: undefined });
    expect(report.canary?.lateStarts).to.deep.equal([]);
    const { lateFailures } = report.canary!;
    expect(lateFailures).to.have.length(1);
    expect(lateFailures[0]).to.include({
      ...{ vatID: 'v4', name: 'carol', critical: false, result: 'terminated' },
      error: 'told to',
    });
    expect(lateFailures[0]?.block).to.be.greaterThan(1);
    expect(progress).to.deep.equal(
      [1, 2, 3, 4].map(index => ({ phase: 'block', index, total: 4 })),
    );
  });

  it('counts what is left in the queue after the last block', async () => {
    const scripted = await start();
    for (const _ of [1, 2, 3]) send(scripted, 'v3', 'work');
    const runPolicy = () => crankCounter(1, 10);
    const report = await rehearse(scripted, { blocks: 2, runPolicy });
    expect(report.canary).to.include({ blocksRun: 2, queuedAfter: 1 });
    expect(report.ok).to.equal(true);
  });

  for (const mode of ['lazy', 'rolling'] as const) {
    it(`starts the vats that sleep after a ${mode} restart, and says which would fail`, async () => {
      const scripted = await start({
        ...{ carol: { code: failsLater }, dave: { code: () => undefined } },
        ...{ erin: { code: exitsLater }, frank: { code: () => undefined } },
      });
      await scripted.kernel.suspendVat('v7');
      const report = await rehearse(scripted, { mode });
      expect(report).to.include({ mode, ok: false, problem: undefined });
      const sleepers = report.vats.filter(({ sleeps }) => sleeps).map(({ vatID }) => vatID);
      expect(sleepers).to.deep.equal(['v4', 'v5', 'v6']);
      const { lateStarts, lateFailures } = report.canary!;
      expect(
        lateStarts.map(({ vatID, result, computrons, block }) => [
          vatID,
          result,
          computrons,
          block,
        ]),
      ).to.deep.equal([
        ['v4', 'suspended', undefined, undefined],
        ['v5', 'started', 100, undefined],
        ['v6', 'terminated', 100, undefined],
      ]);
      expect(lateFailures.map(({ vatID, result, error }) => [vatID, result, error])).to.deep.equal([
        ['v4', 'suspended', 'one life is enough'],
        ['v6', 'terminated', 'it exited at its start'],
      ]);
    });
  }

  it('names the block in which a sleeping vat started', async () => {
    const scripted = await start({ carol: { code: failsLater }, dave: { code: () => undefined } });
    send(scripted, 'v4', 'hello');
    const report = await rehearse(scripted, { mode: 'lazy', blocks: 2 });
    const { lateStarts, lateFailures } = report.canary!;
    expect(lateStarts.map(({ vatID, block }) => [vatID, block])).to.deep.equal([
      ['v4', 1],
      ['v5', undefined],
    ]);
    expect(lateFailures.map(({ vatID, block }) => [vatID, block])).to.deep.equal([['v4', 1]]);

    const other = await start({ erin: { code: failsLater }, frank: { code: failsLater } });
    const rolling = await rehearse(other, { mode: 'rolling', blocks: 2 });
    expect(rolling.canary?.lateFailures.map(({ vatID, block }) => [vatID, block])).to.deep.equal([
      ['v4', 1],
      ['v5', 2],
    ]);
  });

  it('does with vats that can not start what the host asks for', async () => {
    const dynamic = { carol: { code: failsLater } };
    const terminating = await rehearse(await start(dynamic), {
      mode: 'lazy',
      platformRestart: { onVatFailure: 'terminate' },
    });
    expect(terminating.canary?.lateFailures).to.deep.equal([
      {
        ...{ vatID: 'v4', name: 'carol', critical: false, block: undefined },
        ...{ result: 'terminated', error: 'one life is enough' },
      },
    ]);
  });

  it('goes on after a panic, to try the other sleeping vats', async () => {
    const scripted = await start({
      ...{ carol: { code: failsLater }, dave: { code: () => undefined } },
      ...{ erin: { code: failsLater }, frank: { code: () => undefined } },
    });
    send(scripted, 'v4', 'hello');
    const platformRestart = { onVatFailure: 'panic' } as const;
    const report = await rehearse(scripted, { mode: 'lazy', blocks: 3, platformRestart });
    expect(report).to.include({ ok: false, problem: undefined });
    const { canary } = report;
    expect(canary).to.include({ blocks: 3, blocksRun: 1 });
    expect(canary?.problem).to.match(/^block 1: kernel panic v4 could not be restarted: one life/);
    expect(
      canary?.lateFailures.map(({ vatID, result, block }) => [vatID, result, block]),
    ).to.deep.equal([
      ['v4', 'panic', 1],
      ['v6', 'panic', undefined],
    ]);
    const started = canary?.lateStarts.filter(({ result }) => result === 'started');
    expect(started?.map(({ vatID }) => vatID)).to.deep.equal(['v5', 'v7']);
  });

  it('names the critical vat whose end stopped the kernel in a block', async () => {
    const scripted = await start({ carol: { code: dies, options: { critical: true } } });
    send(scripted, 'v4', 'die');
    const { canary, ok } = await rehearse(scripted, { blocks: 5 });
    expect(ok).to.equal(false);
    expect(canary).to.include({ blocksRun: 1 });
    expect(canary?.lateFailures).to.have.length(1);
    expect(canary?.lateFailures[0]).to.include({
      ...{ vatID: 'v4', name: 'carol', critical: true, result: 'panic', block: 1 },
      error: 'told to',
    });
  });

  it('rejects with the error of a run policy', async () => {
    const scripted = await start();
    send(scripted, 'v3', 'work');
    const policy: RunPolicy = {
      ...foreverPolicy(),
      crankComplete: () => {
        throw Error('no policy');
      },
    };
    const error = await failureOf(rehearse(scripted, { blocks: 1, runPolicy: () => policy }));
    expect(error).to.include({ message: 'no policy' });
  });

  it('follows a restart that resumes, with the options with which it began', async () => {
    const scripted = await start({ carol: { code: failsLater } });
    const lazy = { mode: 'lazy' } as const;
    await failureOf(
      scripted.boot({
        platformEpoch: 2,
        platformRestart: lazy,
        faultPoint: name => {
          if (name === 'platform-restart:after:v1') throw Error('crash');
        },
      }),
    );
    const refusal = await failureOf(rehearse(scripted));
    expect(refusal).to.include({ code: 'BAD_OPTION', field: 'platformRestart.mode' });
    const report = await rehearse(scripted, lazy);
    expect(report).to.include({ ...lazy, from: 1, to: 2, decision: 'resume', doneBefore: 1 });
    expect(report.canary?.lateFailures.map(({ vatID }) => vatID)).to.deep.equal(['v4']);
  });
});
