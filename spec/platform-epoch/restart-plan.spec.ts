import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { kser } from '../../lib/kernel/delivery/kmarshal.js';
import { crankComplete } from '../../lib/kernel/delivery/outcome.js';
import { LiveVats } from '../../lib/platform-epoch/live-vats.js';
import type { PlatformRestartOptions } from '../../lib/platform-epoch/restart-options.js';
import type { DynamicVatOptions } from '../../lib/state/events.js';
import { parseVatID } from '../../lib/types/ids.js';
import type { WorkerOptions } from '../../lib/types/vat-options.js';
import { failureOf } from '../support/failure.js';
import { codeID, startScripted, valueOf, type ScriptedKernel } from '../support/scripted-kernel.js';

const v2 = parseVatID('v2');

/** Makes a dynamic vat of a static one's code. */
const create = async (
  { parts, kernel }: ScriptedKernel,
  code: string,
  dynamicOptions: DynamicVatOptions = {},
): Promise<string> => {
  const { state } = parts.lifecycle;
  const vatID = state.atomically(() => {
    const id = state.vats.allocateID();
    const vatParameters = kser({ of: code });
    const source = { bundleID: codeID(code) };
    state.acceptanceQueue.push({
      ...{ type: 'create-vat', vatID: id, source, vatParameters, dynamicOptions },
    });
    return id;
  });
  await kernel.run();
  return vatID;
};

const start = async (worker: 'local' | 'xsnap' = 'local'): Promise<ScriptedKernel> => {
  const scripted = await startScripted({ vats: { vatAdmin: {}, alice: {}, bob: {} }, worker });
  await scripted.kernel.run();
  return scripted;
};

const resultsOf = ({ kernel }: ScriptedKernel) =>
  Object.fromEntries(
    (kernel.getPlatformRestartReport()?.vats ?? []).map(({ vatID, result }) => [vatID, result]),
  );

const refusal = async (
  scripted: ScriptedKernel,
  platformRestart: PlatformRestartOptions,
): Promise<string> => {
  const error = await failureOf(scripted.boot({ platformEpoch: 2, platformRestart }));
  expect(error).to.be.instanceOf(BadOptionError);
  return (error as Error).message;
};

describe('the vats that are exempt from a restart', () => {
  const exempted = async (scripted: ScriptedKernel, exempt: readonly string[]) => {
    await scripted.boot({ platformEpoch: 2, platformRestart: { exempt: [...exempt] } });
    return Object.entries(resultsOf(scripted))
      .filter(([, result]) => result === 'exempt')
      .map(([vatID]) => vatID);
  };

  it('are those of a vatID, of a static name, or else of a name', async () => {
    const scripted = await start();
    expect(await create(scripted, 'alice', { name: 'bob' })).to.equal('v4');
    expect(await create(scripted, 'alice', { name: 'v2' })).to.equal('v5');
    expect(await create(scripted, 'alice', { name: 'carol' })).to.equal('v6');
    expect(await create(scripted, 'alice', { name: 'carol' })).to.equal('v7');
    expect(await exempted(scripted, ['v2', 'bob', 'carol'])).to.deep.equal([
      ...['v2', 'v3', 'v6', 'v7'],
    ]);
  });

  it('must be there', async () => {
    const scripted = await start();
    for (const nobody of ['v9', 'carol']) {
      expect(await refusal(scripted, { exempt: [nobody] }))
        .to.include('platformRestart.exempt')
        .and.include(nobody)
        .and.include('the name or vatID of a live vat');
    }
    expect(scripted.kernel.getPlatformEpoch()).to.equal(1);
  });

  it('may have ended in the boot that this one resumes', async () => {
    const scripted = await start();
    const platformRestart = { exempt: ['alice', 'v2'] };
    const faultPoint = async (name: string) => {
      if (name !== 'platform-restart:before:v2') return;
      const end = { vatID: v2, reject: false, info: kser('gone') };
      const outcome = { kind: 'ended', policy: crankComplete(), end } as const;
      await scripted.parts.cranks.runTask('end alice', async () => outcome);
      throw Error('the plug is pulled');
    };
    const failure = await failureOf(
      scripted.boot({ platformEpoch: 2, platformRestart, faultPoint }),
    );
    expect(String(failure)).to.include('the plug is pulled');
    await scripted.boot({ platformEpoch: 2, platformRestart });
    expect(resultsOf(scripted)).to.deep.equal({ v3: 'restarted' });
  });

  it('must be on an engine that can still be loaded', async () => {
    const scripted = await start('xsnap');
    const error = await failureOf(
      scripted.boot({ platformEpoch: 2, engine: 'other', platformRestart: { exempt: ['alice'] } }),
    );
    expect(String(error)).to.match(/a vat whose platform can still be loaded, got "alice"$/);
  });

  it('must be on an engine that is known: the error says how to name it', async () => {
    const scripted = await start('xsnap');
    forgetEngine(scripted);
    expect(await refusal(scripted, { exempt: ['alice'] })).to.include(
      "(the store does not record the engine of v2: if it is the installed one, pass platformRestart.assumeEngine: 'installed', or --assume-engine installed)",
    );
  });
});

/** As in a store that SwingSet made. */
const forgetEngine = ({ parts }: ScriptedKernel): void => {
  const { state } = parts.lifecycle;
  state.atomically(() => {
    const options = state.vats.getOptions(v2);
    const workerOptions: WorkerOptions = { type: 'xsnap', bundleIDs: [codeID('lockdown')] };
    state.vats.setOptions(v2, { ...options, workerOptions });
  });
};

describe('the engine of a vat', () => {
  /** With a bundleStore that has the bundles of these names. */
  const liveVats = (
    { parts }: ScriptedKernel,
    { assumeEngine, bundles = [] }: { assumeEngine?: string; bundles?: readonly string[] } = {},
  ) => {
    const { lifecycle } = parts;
    const has = new Set<string>(bundles.map(codeID));
    const bundleStore = {
      ...lifecycle.kernelStorage.bundleStore,
      hasBundle: (bundleID: string) => has.has(bundleID),
    };
    const kernelStorage = { ...lifecycle.kernelStorage, bundleStore };
    return new LiveVats({ ...parts, lifecycle: { ...lifecycle, kernelStorage } }, assumeEngine);
  };

  it('is the recorded one, or the assumed one if none is recorded', async () => {
    const scripted = await start('xsnap');
    const assuming = (assumeEngine?: string) =>
      liveVats(scripted, assumeEngine === undefined ? {} : { assumeEngine }).boundTo(v2);
    expect(assuming('old engine')).to.deep.equal({ engine: 'engine 1' });
    forgetEngine(scripted);
    expect(assuming()).to.deep.equal({ engine: undefined });
    expect(assuming('old engine')).to.deep.equal({ engine: 'old engine' });
    expect(assuming('installed')).to.deep.equal({ engine: 'engine 1' });
    await scripted.kernel.suspendVat('v2');
    expect(assuming('installed')).to.equal(undefined);
  });

  it('is none for a local vat, which can always be loaded', async () => {
    const scripted = await start();
    expect(liveVats(scripted).boundTo(v2)).to.equal(undefined);
    expect(liveVats(scripted).isLoadable(v2)).to.equal(true);
  });

  it('can be loaded with all of its bundles, if it is the running one', async () => {
    const scripted = await start('xsnap');
    const both = ['lockdown', 'supervisor'];
    const isLoadable = (options: { assumeEngine?: string; bundles?: readonly string[] }) =>
      liveVats(scripted, options).isLoadable(v2);
    expect(isLoadable({ bundles: both })).to.equal(true);
    expect(isLoadable({ bundles: ['lockdown'] })).to.equal(false);
    expect(isLoadable({ bundles: ['supervisor'] })).to.equal(false);
    forgetEngine(scripted);
    expect(isLoadable({ bundles: both })).to.equal(false);
    expect(isLoadable({ bundles: both, assumeEngine: 'installed' })).to.equal(true);
    expect(isLoadable({ bundles: both, assumeEngine: 'old engine' })).to.equal(false);
  });

  it('is recorded when it was assumed, and only then', async () => {
    const scripted = await start('xsnap');
    const { state } = scripted.parts.lifecycle;
    const recorded = () => {
      const { workerOptions } = state.vats.getOptions(v2);
      return workerOptions.type === 'xsnap' ? workerOptions.engine : workerOptions.type;
    };
    const record = (assumeEngine?: string) => {
      const vats = liveVats(scripted, assumeEngine === undefined ? {} : { assumeEngine });
      state.atomically(() => vats.recordEngine(v2));
    };
    record('old engine');
    expect(recorded()).to.equal('engine 1');
    forgetEngine(scripted);
    record();
    expect(state.vats.getOptions(v2).workerOptions).to.not.have.property('engine');
    record('old engine');
    expect(recorded()).to.equal('old engine');

    const local = await start();
    const { state: ofLocal } = local.parts.lifecycle;
    ofLocal.atomically(() => liveVats(local, { assumeEngine: 'old' }).recordEngine(v2));
    expect(ofLocal.vats.getOptions(v2).workerOptions).to.deep.equal({ type: 'local' });
  });

  it('is in a list of all live vats, with what a restart needs to know', async () => {
    const scripted = await startScripted({
      vats: { vatAdmin: {}, alice: { options: { critical: true } } },
    });
    await scripted.kernel.run();
    await create(scripted, 'alice', { name: 'carol' });
    for (let n = 4; n <= 10; n += 1) await create(scripted, 'alice');
    const listed = liveVats(scripted).list();
    expect(listed.map(({ vatID }) => vatID)).to.deep.equal(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(n => `v${n}`),
    );
    const bundleID = codeID('alice');
    expect(listed.slice(1, 4)).to.deep.equal([
      {
        ...{ vatID: 'v2', name: 'alice', critical: true, isVatAdmin: false },
        ...{ isStatic: true, bundleID, incarnation: 0 },
      },
      {
        ...{ vatID: 'v3', name: 'carol', critical: false, isVatAdmin: false },
        ...{ isStatic: false, bundleID, incarnation: 0 },
      },
      {
        ...{ vatID: 'v4', name: undefined, critical: false, isVatAdmin: false },
        ...{ isStatic: false, bundleID, incarnation: 0 },
      },
    ]);
    expect(listed[0]).to.deep.include({ isVatAdmin: true });
  });
});

describe('the parameters of a restart', () => {
  const parametersOf = ({ parts }: ScriptedKernel, vatID: string) => {
    const data = parts.lifecycle.state.vats.getParameters(parseVatID(vatID));
    return data && valueOf(data);
  };
  const sources = (scripted: ScriptedKernel) =>
    (scripted.kernel.getPlatformRestartReport()?.vats ?? []).map(({ parameters }) => parameters);
  const FIELD = 'platformRestart.vatParameters';

  it('are those of a record by vatID, marshalled or not', async () => {
    const scripted = await start();
    const root = scripted.kernel.getRootObject('v3');
    const marshalled = { body: '#"$0"', slots: [root] };
    const vatParameters = { v1: undefined, v2: { a: 1 }, v3: marshalled };
    await scripted.boot({ platformEpoch: 2, platformRestart: { vatParameters } });
    expect(sources(scripted)).to.deep.equal(['retained', 'given', 'given']);
    expect(parametersOf(scripted, 'v2')).to.deep.equal({ a: 1 });
    const { state } = scripted.parts.lifecycle;
    expect(state.vats.getParameters(parseVatID('v3'))).to.deep.equal(marshalled);
    expect(scripted.warnings).to.deep.equal([]);
    await scripted.boot({ platformEpoch: 3 });
    expect(sources(scripted)).to.deep.equal(['retained', 'retained', 'retained']);
    expect(parametersOf(scripted, 'v2')).to.deep.equal({ a: 1 });
  });

  it('are data when they only resemble marshalled ones', async () => {
    for (const value of [
      { body: 7, slots: [] },
      { body: '#1', slots: 'none' },
      { body: '#1', slots: [], more: 1 },
      { body: '#1' },
      [1, 2],
      null,
    ]) {
      const scripted = await start();
      await scripted.boot({
        platformEpoch: 2,
        platformRestart: { vatParameters: { v2: value } },
      });
      expect(parametersOf(scripted, 'v2')).to.deep.equal(value);
    }
  });

  it('are refused by vatID and value', async () => {
    const scripted = await start();
    const refusalOf = (value: unknown) => refusal(scripted, { vatParameters: { v2: value } });
    const unmarshallable = 'passable data, or { body, slots } that is marshalled already';
    expect(await refusalOf(() => 1))
      .to.include(`${FIELD} for v2`)
      .and.include(unmarshallable);
    expect(await refusalOf({ body: 'nonsense', slots: [] })).to.include(unmarshallable);
    expect(await refusalOf({ body: '#1', slots: ['o+1'] })).to.include(unmarshallable);
    expect(await refusalOf({ body: '#"$0"', slots: ['ko999'] })).to.include(
      'no reference to ko999, which does not exist',
    );
    const { limits } = scripted.parts.lifecycle.state.settings;
    const nested = Array.from({ length: limits.depth }).reduce(inner => [inner], []);
    expect(await refusalOf(nested)).to.include(`no more than vats can take: depth ${limits.depth}`);
    expect(await refusal(scripted, { vatParameters: { alice: 1 } }))
      .to.include(FIELD)
      .and.include('"alice"')
      .and.include('a record by vatID, such as v7');
    const thrown = Error('no idea');
    const error = await failureOf(
      scripted.boot({
        platformEpoch: 2,
        platformRestart: {
          vatParameters: () => {
            throw thrown;
          },
        },
      }),
    );
    expect(String(error))
      .to.include(`${FIELD} for v1`)
      .and.include('no idea')
      .and.include('a function that does not throw');
    expect(error).to.have.property('cause', thrown);
  });

  it('may come from a function, which is told of each live vat', async () => {
    const scripted = await start();
    await create(scripted, 'alice', { name: 'carol' });
    const told: unknown[] = [];
    await scripted.boot({
      platformEpoch: 2,
      platformRestart: {
        vatParameters: ({ retained, ...vat }: { retained?: object; vatID: string }) => {
          told.push({ ...vat, retained: retained && valueOf(retained as never) });
          return vat.vatID === 'v4' ? { mine: 1 } : undefined;
        },
      },
    });
    const vat = (vatID: string, name: string, retained: object) => ({
      ...{ vatID, name, isStatic: vatID !== 'v4', incarnation: 0, retained },
      bundleID: codeID(vatID === 'v4' ? 'alice' : name),
    });
    expect(told).to.deep.equal([
      vat('v1', 'vatAdmin', {}),
      vat('v2', 'alice', {}),
      vat('v3', 'bob', {}),
      vat('v4', 'carol', { of: 'alice' }),
    ]);
    expect(sources(scripted)).to.deep.equal(['retained', 'retained', 'retained', 'given']);
    expect(parametersOf(scripted, 'v4')).to.deep.equal({ mine: 1 });
  });

  it('are not used for vats that do not start with them, of which the host is warned', async () => {
    const scripted = await startScripted({
      vats: { alice: {}, bob: { options: { useTranscript: false } }, carol: {}, dave: {} },
    });
    // All to the run-queue, and the start of the first three.
    for (let crank = 0; crank < 7; crank += 1) await scripted.kernel.step();
    await scripted.boot({
      platformEpoch: 2,
      platformRestart: {
        exempt: ['carol'],
        vatParameters: { v1: 1, v2: 2, v3: 3, v4: 4, v9: 9 },
      },
    });
    const ignored = (vatID: string, why: string) => `${FIELD}: not used for ${vatID}, ${why}`;
    const expected = [
      ignored('v2', 'which is started once and for all'),
      ignored('v3', 'which is exempt and keeps its incarnation'),
      ignored(
        'v4',
        'which has not started yet: its first incarnation gets the parameters that it was created with',
      ),
      ignored('v9', 'which is no live vat'),
    ];
    expect(scripted.kernel.getPlatformRestartReport()?.warnings).to.deep.equal(expected);
    expect(scripted.warnings.slice(-4)).to.deep.equal(expected);
    const { slog } = scripted;
    const warned = slog.filter(({ type }) => type === 'epoch-restart-warning');
    expect(warned.map(({ epoch, message }) => [epoch, message])).to.deep.equal(
      expected.map(message => [2, message]),
    );
    expect(sources(scripted)).to.deep.equal(['given', 'retained', 'retained', 'retained']);
  });

  it('are those of the boot that a boot resumes', async () => {
    const scripted = await start();
    const faultPoint = (name: string) => {
      if (name === 'platform-restart:after:v1') throw Error('the plug is pulled');
    };
    const root = scripted.kernel.getRootObject('v3');
    const other = scripted.kernel.getRootObject('v2');
    const data = (slot: string) => ({ body: '#"$0"', slots: [slot] });
    const first = { vatParameters: { v1: 1, v2: 2, v3: data(root) } };
    const interrupted = scripted.boot({ platformEpoch: 2, platformRestart: first, faultPoint });
    await failureOf(interrupted);
    const warningsWith = async (vatParameters: PlatformRestartOptions['vatParameters']) => {
      scripted.warnings.length = 0;
      const fault = (name: string) => {
        if (name === 'platform-restart:before:v2') throw Error('again');
      };
      const again = { platformEpoch: 2, platformRestart: { vatParameters: vatParameters! } };
      await failureOf(scripted.boot({ ...again, faultPoint: fault }));
      return scripted.warnings.filter(text => text.startsWith(FIELD));
    };
    const recorded = 'the parameters that were recorded when the restart began count';
    const notUsed = (vatIDs: string) => [
      `${FIELD}: not used for ${vatIDs}, because a restart goes on: ${recorded}`,
    ];
    expect(await warningsWith(first.vatParameters)).to.deep.equal([]);
    expect(await warningsWith({ v1: 'done' })).to.deep.equal([]);
    expect(await warningsWith({ v2: 'other', v3: data(root) })).to.deep.equal(notUsed('v2'));
    expect(await warningsWith({ v2: 'other', v3: data(other) })).to.deep.equal(notUsed('v2, v3'));
    expect(await warningsWith({ v3: { body: '#["$0"]', slots: [root] } })).to.deep.equal(
      notUsed('v3'),
    );
    const never = () => {
      throw Error('called');
    };
    expect(await warningsWith(never)).to.deep.equal([
      `${FIELD}: not called, because a restart goes on: ${recorded}`,
    ]);
    await scripted.boot({ platformEpoch: 2 });
    expect(sources(scripted)).to.deep.equal(['given', 'given']);
    expect(parametersOf(scripted, 'v2')).to.equal(2);
  });
});

describe('a boot for a new epoch', () => {
  it('is refused with events in the queue, if the host wants that', async () => {
    const scripted = await start();
    scripted.kernel.queueToVatRoot('alice', 'ask');
    const platformRestart = { requireEmptyQueue: true };
    const error = await failureOf(scripted.boot({ platformEpoch: 2, platformRestart }));
    expect(error).to.deep.include({
      code: 'PLATFORM_RESTART_QUEUE_NOT_EMPTY',
      stored: 1,
      given: 2,
      queued: { queuedEvents: 1, queuedByVat: { v2: 1 } },
    });
    expect((error as Error).message).to.include(
      'Boot the software of 1 with that platformEpoch, call controller.run()',
    );
    expect(scripted.warnings).to.deep.equal([]);
  });

  it('has no previous epoch to name for a store that is older than epochs', async () => {
    const scripted = await startScripted({ vats: { alice: {} } }, {});
    await scripted.kernel.run();
    scripted.kernel.queueToVatRoot('alice', 'ask');
    const platformRestart = { requireEmptyQueue: true };
    const error = await failureOf(scripted.boot({ platformEpoch: 2, platformRestart }));
    expect((error as Error).message).to.include(
      'Boot the previous software without a platformEpoch, call controller.run()',
    );
    await scripted.boot({ platformEpoch: 2 });
    expect(scripted.kernel.getPlatformRestartReport()).to.deep.include({
      ...{ from: undefined, to: 2, queuedEvents: 1 },
    });
  });
});

describe('a boot that resumes a restart', () => {
  const begun = { mode: 'lazy', exempt: ['bob', 'alice'] } as const;

  const pullThePlug = async (): Promise<ScriptedKernel> => {
    const scripted = await start();
    const faultPoint = (name: string) => {
      if (name === 'platform-restart:after:v1') throw Error('the plug is pulled');
    };
    const failure = await failureOf(
      scripted.boot({ platformEpoch: 2, platformRestart: begun, faultPoint }),
    );
    expect(String(failure)).to.include('the plug is pulled');
    return scripted;
  };

  it('is refused if it passes other options, with the first that differs', async () => {
    const scripted = await pullThePlug();
    const as = 'as when the restart that this boot resumes began';
    for (const [platformRestart, text] of [
      [{ ...begun, mode: 'eager' }, `platformRestart.mode: expected "lazy", ${as}, got "eager"`],
      [
        { ...begun, onVatFailure: 'panic' },
        `platformRestart.onVatFailure: expected "suspend", ${as}`,
      ],
      [{ mode: 'lazy' }, `platformRestart.exempt: expected ["alice","bob"], ${as}, got []`],
      [
        { ...begun, assumeEngine: 'installed' },
        `platformRestart.assumeEngine: expected nothing, ${as}`,
      ],
    ] as const) {
      expect(await refusal(scripted, platformRestart)).to.include(text);
    }
  });

  it('takes the same options in another order, with a default spelt out', async () => {
    const scripted = await pullThePlug();
    const kernel = await scripted.boot({
      platformEpoch: 2,
      platformRestart: { mode: 'lazy', exempt: ['alice', 'bob'], onVatFailure: 'suspend' },
    });
    expect(kernel.getPlatformRestartReport()?.decision).to.equal('resume');
    expect(kernel.getEpochLedger().at(-1)?.options).to.deep.equal({
      mode: 'lazy',
      onVatFailure: 'suspend',
      exempt: ['alice', 'bob'],
    });
  });

  it('may be superseded by a later epoch with any options', async () => {
    const scripted = await pullThePlug();
    const kernel = await scripted.boot({ platformEpoch: 3 });
    expect(kernel.getEpochLedger().at(-1)?.options.mode).to.equal('eager');
  });
});
