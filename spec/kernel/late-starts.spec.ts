import { expect } from 'chai';
import {
  CriticalVatError,
  KernelPanicError,
  VatStateError,
} from '../../lib/kernel/delivery/errors.js';
import { kser } from '../../lib/kernel/delivery/kmarshal.js';
import { queueUpgrade } from '../../lib/kernel/vats/static-upgrade.js';
import { parseVatID } from '../../lib/types/ids.js';
import { HeapNotWrittenError, WorkerDiedError } from '../../lib/workers/errors.js';
import { failureOf } from '../support/failure.js';
import {
  codeID,
  failsLater,
  startScripted,
  valueOf,
  type BootOptions,
  type Code,
  type ScriptedKernel,
  type ScriptedVat,
} from '../support/scripted-kernel.js';

const v2 = parseVatID('v2');
const v3 = parseVatID('v3');

/** vatAdmin (v1) and alice (v2), which have started. */
const start = async (
  alice: ScriptedVat,
  { checkAtEnd = true, ...boot }: BootOptions & { checkAtEnd?: boolean } = {},
): Promise<ScriptedKernel> => {
  const scripted = await startScripted(
    { vats: { vatAdmin: {}, alice }, checkAtEnd },
    { platformEpoch: 1, ...boot },
  );
  await scripted.kernel.run();
  scripted.told.length = 0;
  scripted.slog.length = 0;
  scripted.console.length = 0;
  return scripted;
};

/** A dynamic vat of alice's code, v3. */
const createCarol = async ({ parts, kernel }: ScriptedKernel, name?: string): Promise<void> => {
  const { state } = parts.lifecycle;
  state.atomically(() => {
    state.acceptanceQueue.push({
      type: 'create-vat',
      vatID: state.vats.allocateID(),
      source: { bundleID: codeID('alice') },
      vatParameters: kser({}),
      dynamicOptions: name === undefined ? {} : { name },
    });
  });
  await kernel.run();
};

const upgrade = async ({ parts, kernel }: ScriptedKernel): Promise<void> => {
  const { state } = parts.lifecycle;
  state.atomically(() =>
    queueUpgrade(state, {
      ...{ vatID: v2, bundleID: codeID('alice'), vatParameters: {} },
      upgradeMessage: 'upgraded',
    }),
  );
  await kernel.run();
};

const serviceOf = ({ parts }: ScriptedKernel, vatID = v2) => {
  const { sinceCrank: _since, ...service } = {
    sinceCrank: 0,
    ...parts.lifecycle.state.services.get(vatID),
  };
  return service;
};
const isLive = ({ parts }: ScriptedKernel, vatID = v2) => parts.lifecycle.state.vats.isLive(vatID);
const incarnationOf = ({ parts }: ScriptedKernel) => parts.lifecycle.warehouse.getIncarnation(v2);
const waitingFor = ({ parts }: ScriptedKernel, vatID = v2) =>
  parts.lifecycle.state.waiting.count(vatID);
const lateStarts = ({ slog }: ScriptedKernel) =>
  slog
    .filter(({ type }) => type === 'late-start')
    .map(({ vatID, name, result, error }) => ({ vatID, name, result, error }));

/** Suspends alice and lets the next delivery start her. */
const letSleep = async ({ kernel }: ScriptedKernel): Promise<void> => {
  await kernel.suspendVat('v2');
  kernel.unpauseVat('v2');
};

const problems: Readonly<Record<string, { readonly code: Code; readonly error: string }>> = {
  'fails at its BOYD': {
    code: ({ delivery, incarnation }) =>
      delivery[0] === 'bringOutYourDead' && incarnation > 0 ? ['error', 'no end', null] : undefined,
    error: 'no end',
  },
  'loses its worker at its BOYD': {
    code: ({ vatID, delivery, incarnation }) => {
      if (delivery[0] !== 'bringOutYourDead' || incarnation === 0) return;
      throw new WorkerDiedError(vatID, { reason: 'the plug' });
    },
    error: 'the worker died again and again',
  },
};

describe('a new incarnation that fails at the snapshot after its start', () => {
  for (const [title, { code, error }] of Object.entries(problems)) {
    const begin = async () => {
      const scripted = await start({ code }, { onWorkerDeath: 'terminate' });
      scripted.due.add('v2');
      return scripted;
    };

    it(`has failed to restart (${title})`, async () => {
      const scripted = await begin();
      await scripted.boot({ platformEpoch: 2, onWorkerDeath: 'terminate' });
      const { vats } = scripted.kernel.getPlatformRestartReport() ?? { vats: [] };
      expect(vats[1]).to.deep.include({ vatID: 'v2', result: 'suspended', error, incarnation: 1 });
      expect(serviceOf(scripted)).to.deep.equal({ type: 'failed', error });
      expect(incarnationOf(scripted)).to.equal(1);
    });

    it(`has failed to resume (${title})`, async () => {
      const scripted = await begin();
      await scripted.kernel.suspendVat('v2');
      const failure = await failureOf(scripted.kernel.resumeVat('v2'));
      expect(failure).to.be.instanceOf(VatStateError);
      expect(String(failure)).to.equal(`VatStateError: v2 could not start: ${error}`);
      expect(serviceOf(scripted)).to.deep.equal({ type: 'failed', error });
      expect(incarnationOf(scripted)).to.equal(1);
    });

    it(`has failed to start late (${title})`, async () => {
      const scripted = await begin();
      await letSleep(scripted);
      scripted.kernel.queueToVatRoot('alice', 'ask');
      await scripted.kernel.run();
      expect(serviceOf(scripted)).to.deep.equal({ type: 'failed', error });
      expect(waitingFor(scripted)).to.equal(1);
      expect(lateStarts(scripted)).to.deep.equal([
        { vatID: 'v2', name: 'alice', result: 'suspended', error },
      ]);
      expect(scripted.told).to.not.include('v2.1 message');
    });

    it(`has failed to be upgraded to (${title})`, async () => {
      const scripted = await begin();
      await upgrade(scripted);
      expect(serviceOf(scripted)).to.deep.equal({ type: 'in-service' });
      expect(isLive(scripted)).to.equal(true);
      expect(incarnationOf(scripted)).to.equal(0);
      expect(scripted.console).to.include(
        `upgrade of vat v2 failed, the old incarnation goes on: ${error}`,
      );
    });
  }

  it('is not told of it where none is due', async () => {
    const scripted = await start(problems['fails at its BOYD']!);
    await scripted.boot({ platformEpoch: 2 });
    await scripted.kernel.suspendVat('v2');
    await scripted.kernel.resumeVat('v2');
    expect(serviceOf(scripted)).to.deep.equal({ type: 'in-service' });
    expect(scripted.told).to.not.include('v2.1 bringOutYourDead');
  });

  it('has exited if it exits there', async () => {
    const exits: Code = ({ delivery, incarnation, syscall }) => {
      if (delivery[0] !== 'bringOutYourDead' || incarnation === 0) return;
      syscall(['exit', false, kser('the end') as never]);
    };
    const scripted = await start({ code: exits });
    scripted.due.add('v2');
    await upgrade(scripted);
    expect(incarnationOf(scripted)).to.equal(0);
    await scripted.boot({ platformEpoch: 2 });
    const { vats } = scripted.kernel.getPlatformRestartReport() ?? { vats: [] };
    expect(vats[1]).to.deep.include({ result: 'terminated', error: undefined, computrons: 100 });
    expect(isLive(scripted)).to.equal(false);
  });
});

describe('a due snapshot', () => {
  const asked = async (saved: () => boolean, options: BootOptions = {}) => {
    const scripted = await start({}, { ...options, checkAtEnd: false });
    const savings: string[] = [];
    scripted.due.add('v2');
    scripted.saveSnapshot = vatID => {
      savings.push(vatID);
      return saved();
    };
    scripted.kernel.queueToVatRoot('alice', 'ask');
    return { scripted, savings };
  };
  const failedAt = ({ parts }: ScriptedKernel) => parts.lifecycle.state.vats.getSnapshotFailure(v2);

  it('is saved after the delivery and a BOYD, of the vat that got it', async () => {
    const { scripted, savings } = await asked(() => true);
    await scripted.kernel.run();
    expect(scripted.told).to.deep.equal(['v2.0 message', 'v2.0 bringOutYourDead']);
    expect(savings).to.deep.equal(['v2']);
    expect(isLive(scripted)).to.equal(true);
  });

  it('that fails at its BOYD ends a vat that was in service', async () => {
    const { scripted, savings } = await asked(() => true);
    scripted.code['alice'] = ({ delivery }) =>
      delivery[0] === 'bringOutYourDead' ? ['error', 'no end', null] : undefined;
    await scripted.kernel.run();
    expect(savings).to.deep.equal([]);
    expect(isLive(scripted)).to.equal(false);
    const end = scripted.slog.find(({ type }) => type === 'terminate');
    expect(String(valueOf(end?.['info'] as never))).to.equal('Error: no end');
  });

  it("that the engine can't write is done without, where the host says so", async () => {
    const unwritten = () => {
      throw new HeapNotWrittenError(v2, 17, {});
    };
    const { scripted } = await asked(unwritten, { onWorkerDeath: 'terminate' });
    await scripted.kernel.run();
    expect(isLive(scripted)).to.equal(true);
    expect(failedAt(scripted)).to.equal(17);
    // A worker type without snapshots leaves the row, a saved one clears it.
    for (const isSaved of [false, true]) {
      scripted.saveSnapshot = () => isSaved;
      scripted.kernel.queueToVatRoot('alice', 'ask');
      await scripted.kernel.run();
      expect(failedAt(scripted)).to.equal(isSaved ? undefined : 17);
    }
  });

  it("that the engine can't write stops the kernel otherwise, as other errors do", async () => {
    for (const onWorkerDeath of ['panic', 'terminate'] as const) {
      const isUnwritten = onWorkerDeath === 'panic';
      const problem = isUnwritten ? new HeapNotWrittenError(v2, 17, {}) : Error('the disk');
      const { scripted } = await asked(
        () => {
          throw problem;
        },
        { onWorkerDeath },
      );
      const error = await failureOf(scripted.kernel.run());
      expect(error).to.be.instanceOf(KernelPanicError);
      expect(error).to.have.property('cause', problem);
    }
  });
});

describe('a vat that starts late', () => {
  it('is reported on the console and in the slog', async () => {
    const scripted = await start({});
    await letSleep(scripted);
    scripted.kernel.queueToVatRoot('alice', 'ask');
    await scripted.kernel.run();
    expect(scripted.told).to.deep.equal(['v2.1 startVat', 'v2.1 message']);
    expect(scripted.console).to.deep.equal(['suspended vat v2 (alice) has started']);
    const late = scripted.slog.filter(({ type }) => type === 'late-start');
    expect(late).to.deep.equal([
      { type: 'late-start', vatID: 'v2', name: 'alice', result: 'started' },
    ]);
    expect(serviceOf(scripted)).to.deep.equal({ type: 'in-service' });
  });

  it('ends if it exits at its start', async () => {
    const scripted = await start({
      code: ({ delivery, incarnation, syscall }) => {
        if (delivery[0] === 'startVat' && incarnation === 1) {
          syscall(['exit', false, kser('the end') as never]);
        }
      },
    });
    await createCarol(scripted);
    for (const vatID of ['v2', 'v3']) {
      await scripted.kernel.suspendVat(vatID);
      await scripted.kernel.resumeVat(vatID);
      expect(isLive(scripted, parseVatID(vatID))).to.equal(false);
    }
    expect(lateStarts(scripted)).to.deep.equal([
      { vatID: 'v2', name: 'alice', result: 'terminated', error: undefined },
      { vatID: 'v3', name: undefined, result: 'terminated', error: undefined },
    ]);
    expect(scripted.console.filter(line => line.startsWith('suspended'))).to.deep.equal([
      'suspended vat v2 (alice) has exited at its start',
      'suspended vat v3 has exited at its start',
    ]);
  });

  it('stays out of service if it fails, and its delivery waits', async () => {
    const scripted = await start({ code: failsLater });
    await letSleep(scripted);
    scripted.kernel.queueToVatRoot('alice', 'ask');
    await scripted.kernel.run();
    const error = 'one life is enough';
    expect(serviceOf(scripted)).to.deep.equal({ type: 'failed', error });
    expect(waitingFor(scripted)).to.equal(1);
    expect(scripted.console).to.deep.equal([
      `suspended vat v2 (alice) could not start (suspended): ${error}`,
    ]);
    // A pause that the crank of a resume has lifted stays lifted.
    scripted.kernel.pauseVat('v2');
    expect(serviceOf(scripted)).to.deep.include({ pausedBy: 'host' });
    await failureOf(scripted.kernel.resumeVat('v2'));
    expect(serviceOf(scripted)).to.deep.equal({ type: 'failed', error });
  });

  it('meets the fate that the host chose when it let the vat sleep', async () => {
    const sleepAndFail = async (onVatFailure: 'panic' | 'terminate' | 'suspend') => {
      const scripted = await start({}, { checkAtEnd: false });
      await createCarol(scripted, 'carol');
      const platformRestart = { mode: 'lazy', onVatFailure } as const;
      await scripted.boot({ platformEpoch: 2, platformRestart });
      const { vats } = scripted.kernel.getPlatformRestartReport() ?? { vats: [] };
      expect(vats.map(({ result, sleeps }) => [result, sleeps])).to.deep.equal([
        ['restarted', false],
        ['restarted', false],
        ['suspended', true],
      ]);
      expect(scripted.kernel.getEpochLedger().at(-1)).to.deep.include({ suspended: 1, failed: 0 });
      scripted.code['alice'] = failsLater;
      const root = scripted.kernel.getRootObject('v3');
      const { queue, state } = scripted.parts.lifecycle;
      state.atomically(() => queue.callMethod(root as never, 'ask', []));
      return scripted;
    };
    const error = 'one life is enough';

    const suspended = await sleepAndFail('suspend');
    await suspended.kernel.run();
    expect(serviceOf(suspended, v3)).to.deep.equal({ type: 'failed', error });
    expect(waitingFor(suspended, v3)).to.equal(1);

    const terminated = await sleepAndFail('terminate');
    await terminated.kernel.run();
    expect(isLive(terminated, v3)).to.equal(false);
    expect(lateStarts(terminated)).to.deep.equal([
      { vatID: 'v3', name: 'carol', result: 'terminated', error },
    ]);

    const panicked = await sleepAndFail('panic');
    const panic = await failureOf(panicked.kernel.run());
    expect(panic).to.be.instanceOf(KernelPanicError);
    expect((panic as Error).cause).to.be.instanceOf(VatStateError);
    expect(String((panic as Error).cause)).to.equal(
      `VatStateError: v3 could not be restarted: ${error}`,
    );
    expect(lateStarts(panicked)).to.deep.equal([
      { vatID: 'v3', name: 'carol', result: 'panic', error },
    ]);
  });

  it('stops the kernel if it is critical', async () => {
    const scripted = await start(
      { code: failsLater, options: { critical: true } },
      { checkAtEnd: false },
    );
    await letSleep(scripted);
    scripted.kernel.queueToVatRoot('alice', 'ask');
    const panic = await failureOf(scripted.kernel.run());
    expect((panic as Error).cause).to.be.instanceOf(CriticalVatError);
  });
});

describe('a vat that is taken out of service', () => {
  it('ends its incarnation, once', async () => {
    const scripted = await start({});
    const answer = scripted.kernel.queueToVatRoot('alice', 'ask', [], 'panic');
    await scripted.kernel.run();
    await scripted.kernel.suspendVat('v2');
    expect(valueOf(scripted.kernel.kpResolution(answer))).to.deep.equal({
      ...{ name: 'vatUpgraded', upgradeMessage: 'vat suspended', incarnationNumber: 0 },
    });
    await scripted.kernel.suspendVat('v2');
    expect(incarnationOf(scripted)).to.equal(1);
    expect(serviceOf(scripted)).to.deep.equal({ type: 'held', by: 'host' });
  });

  it('waits for its first start if it had none', async () => {
    const scripted = await startScripted({ vats: { vatAdmin: {}, alice: {} } });
    await scripted.kernel.suspendVat('v2');
    expect(incarnationOf(scripted)).to.equal(0);
    await scripted.kernel.run();
    expect(scripted.told).to.deep.equal(['preload', 'v1.0 startVat']);
    await scripted.kernel.resumeVat('v2');
    expect(serviceOf(scripted)).to.deep.equal({ type: 'in-service' });
    await scripted.kernel.run();
    expect(scripted.told.slice(2)).to.deep.equal(['v2.0 startVat']);
  });

  it('is not brought back twice', async () => {
    const scripted = await start({});
    await scripted.kernel.resumeVat('v2');
    scripted.kernel.pauseVat('v2');
    await scripted.kernel.resumeVat('v2');
    expect(scripted.told).to.deep.equal([]);
    expect(serviceOf(scripted)).to.deep.equal({ type: 'in-service' });
  });
});
