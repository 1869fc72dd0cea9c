import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { CriticalVatError, KernelPanicError } from '../../lib/kernel/delivery/errors.js';
import { kser } from '../../lib/kernel/delivery/kmarshal.js';
import { provideRootObject } from '../../lib/kernel/vats/root-object.js';
import { queueUpgrade } from '../../lib/kernel/vats/static-upgrade.js';
import { cleanupTerminatedVat } from '../../lib/kernel/vats/vat-cleanup.js';
import { adoptCurrentPlatform, makeVatOptions } from '../../lib/kernel/vats/vat-options.js';
import type { DynamicVatOptions } from '../../lib/state/events.js';
import { parseVatID, type ObjectKRef } from '../../lib/types/ids.js';
import type { CleanupBudget } from '../../lib/types/policies.js';
import { failureOf } from '../support/failure.js';
import {
  codeID,
  failsLater,
  makePlatform,
  methodOf,
  startScripted,
  valueOf,
  type Code,
  type ScriptedKernel,
  type ScriptedVat,
} from '../support/scripted-kernel.js';
import { makeState, source, v1, v10 } from '../state/support.js';

const v2 = parseVatID('v2');
const v3 = parseVatID('v3');

const defaults = {
  enableSetup: false,
  enablePipelining: false,
  enableDisavow: false,
  useTranscript: true,
  critical: false,
  reapDirtThreshold: {},
} as const;

describe('the record of a vat', () => {
  const platform = makePlatform('engine 1');
  const { bundleIDs } = platform;
  const recordOf = (
    options: DynamicVatOptions,
    settings: { worker?: 'xsnap'; computronLimit?: number; imageID?: string } = {},
  ) => {
    const { state } = makeState();
    state.settings.defaultManagerType = settings.worker ?? 'local';
    state.settings.computronLimit = settings.computronLimit ?? 'never';
    return makeVatOptions({ state, platform, imageID: settings.imageID }, options);
  };

  it('has defaults for what is not given', () => {
    expect(recordOf({})).to.deep.equal({
      ...defaults,
      workerOptions: { type: 'local' },
      limits: { table: 1 },
    });
  });

  it('keeps what is given', () => {
    const flags = {
      ...{ enablePipelining: true, enableDisavow: true, useTranscript: false, critical: true },
    };
    expect(recordOf({ ...flags, name: 'alice', meterID: 'm1' })).to.deep.equal({
      ...flags,
      name: 'alice',
      meterID: 'm1',
      enableSetup: false,
      reapDirtThreshold: {},
      workerOptions: { type: 'local' },
      limits: { table: 1 },
    });
  });

  it('says when the vat gets a BOYD', () => {
    const threshold = (options: DynamicVatOptions) => recordOf(options).reapDirtThreshold;
    expect(threshold({ reapInterval: 3 })).to.deep.equal({ deliveries: 3 });
    expect(threshold({ reapGCKrefs: 'never' })).to.deep.equal({ gcKrefs: 'never' });
    expect(threshold({ reapInterval: 3, reapGCKrefs: 7 })).to.deep.equal({
      ...{ deliveries: 3, gcKrefs: 7 },
    });
    expect(threshold({ reapInterval: 3, neverReap: true })).to.deep.equal({ never: true });
  });

  it('names the platform of an xsnap vat', () => {
    const engine = 'engine 1';
    const xsnap = { type: 'xsnap', bundleIDs, engine };
    const workerOptionsOf = (...given: Parameters<typeof recordOf>) =>
      recordOf(...given).workerOptions;
    expect(workerOptionsOf({ managerType: 'xsnap' })).to.deep.equal(xsnap);
    expect(workerOptionsOf({}, { worker: 'xsnap', imageID: 'image' })).to.deep.equal({
      ...xsnap,
      imageID: 'image',
    });
    expect(workerOptionsOf({ managerType: 'local' }, { worker: 'xsnap' })).to.deep.equal({
      ...{ type: 'local' },
    });
    expect(workerOptionsOf({ enableSetup: true, managerType: 'xsnap' })).to.deep.equal({
      ...{ type: 'local' },
    });
  });

  it('limits the computrons of an xsnap vat, and more if it has a meter', () => {
    const limitsOf = (options: DynamicVatOptions, computronLimit?: number) =>
      recordOf(options, {
        worker: 'xsnap',
        ...(computronLimit !== undefined && { computronLimit }),
      }).limits;
    const metered = { meterID: 'm1' };
    expect(limitsOf({})).to.deep.equal({ table: 1 });
    expect(limitsOf({}, 2e9)).to.deep.equal({ table: 1, computrons: 2e9 });
    expect(limitsOf(metered)).to.deep.equal({ table: 1, computrons: 1e8 });
    expect(limitsOf(metered, 2e9)).to.deep.equal({ table: 1, computrons: 1e8 });
    expect(limitsOf(metered, 1e7)).to.deep.equal({ table: 1, computrons: 1e7 });
    expect(limitsOf({ managerType: 'local' }, 2e9)).to.deep.equal({ table: 1 });
  });

  it('takes the running platform and the present limits for the next incarnation', () => {
    const { state } = makeState();
    state.settings.computronLimit = 'never';
    state.settings.defaultManagerType = 'xsnap';
    const next = { state, platform: makePlatform('engine 2'), imageID: 'image' };
    for (const [vatID, options] of [
      [v1, { name: 'plain', critical: true }],
      [v10, { meterID: 'm1' }],
    ] as const) {
      const first = makeVatOptions({ state, platform, imageID: undefined }, options);
      state.vats.createRecord(vatID, source, first, kser({}));
    }
    state.settings.computronLimit = 2e9;
    for (const vatID of [v1, v10]) adoptCurrentPlatform(next, vatID);
    const adopted = { type: 'xsnap', bundleIDs, imageID: 'image', engine: 'engine 2' };
    expect(state.vats.getOptions(v1)).to.deep.equal({
      ...defaults,
      ...{ name: 'plain', critical: true, workerOptions: adopted },
      limits: { table: 1, computrons: 2e9 },
    });
    expect(state.vats.getOptions(v10)).to.deep.include({ limits: { table: 1, computrons: 1e8 } });
  });

  it("has the platform's heap rule, for as long as an incarnation runs on that platform", () => {
    const { state } = makeState();
    state.settings.defaultManagerType = 'xsnap';
    const own = { state, platform: { ...platform, heapRule: 1 as const }, imageID: 'image' };
    const first = makeVatOptions(own, {});
    expect(first.workerOptions).to.include({ heapRule: 1 });
    expect(makeVatOptions(own, { managerType: 'local' }).workerOptions).to.deep.equal({
      type: 'local',
    });
    state.vats.createRecord(v1, source, first, kser({}));
    expect(state.vats.getOptions(v1)).to.deep.equal(first);
    adoptCurrentPlatform({ ...own, platform }, v1);
    expect(state.vats.getOptions(v1).workerOptions).to.not.have.property('heapRule');
    adoptCurrentPlatform(own, v1);
    expect(state.vats.getOptions(v1).workerOptions).to.include({ heapRule: 1 });
  });
});

interface Told {
  readonly method: unknown;
  readonly args: unknown[];
}

/** vatAdmin (v1), which records its messages, and others from v2. */
const start = async (
  vats: Readonly<Record<string, ScriptedVat>> = { alice: {} },
  { checkAtEnd = true } = {},
) => {
  const heard: Told[] = [];
  const record: Code = ({ delivery }) => {
    if (delivery[0] !== 'message') return;
    const args = (valueOf(delivery[2].methargs) as [string, unknown[]])[1];
    heard.push({ method: methodOf(delivery), args });
  };
  const scripted = await startScripted({
    vats: { vatAdmin: { code: record }, ...vats },
    checkAtEnd,
  });
  await scripted.kernel.run();
  for (const log of [scripted.told, scripted.slog, scripted.console]) log.length = 0;
  return { scripted, heard, state: scripted.parts.lifecycle.state };
};

const exits: Code = ({ delivery, syscall }) => {
  if (delivery[0] === 'startVat') syscall(['exit', false, kser('the end') as never]);
};

const create = async (
  { parts, kernel }: ScriptedKernel,
  code: string,
  dynamicOptions: DynamicVatOptions = {},
) => {
  const { state } = parts.lifecycle;
  state.atomically(() => {
    state.acceptanceQueue.push({
      type: 'create-vat',
      vatID: state.vats.allocateID(),
      source: { bundleID: codeID(code) },
      vatParameters: kser({ of: code }),
      dynamicOptions,
    });
  });
  const policyTold: unknown[] = [];
  const note = (name: string) => (details: unknown) => {
    policyTold.push([name, details]);
    return true;
  };
  await kernel.run({
    vatCreated: note('vatCreated'),
    crankComplete: () => true,
    crankFailed: note('crankFailed'),
    emptyCrank: () => true,
  });
  return policyTold;
};

describe('a dynamic vat', () => {
  it('is made, and vat-admin gets its root', async () => {
    const { scripted, heard, state } = await start();
    const policyTold = await create(scripted, 'alice', { name: 'carol' });
    expect(policyTold).to.deep.equal([['vatCreated', { computrons: 100n }]]);
    expect(scripted.told).to.deep.equal(['v3.0 startVat', 'v1.0 message']);
    expect(heard.map(({ method }) => method)).to.deep.equal(['newVatCallback']);
    expect(heard[0]?.args[0]).to.equal('v3');
    expect(state.vats.dynamicIDs()).to.deep.equal(['v3']);
    expect(valueOf(state.vats.getParameters(v3)!)).to.deep.equal({ of: 'alice' });
    expect(scripted.slog.find(({ type }) => type === 'create-vat')).to.deep.equal({
      type: 'create-vat',
      vatID: 'v3',
      dynamic: true,
      description: `carol (from bundleID: ${codeID('alice')})`,
      name: 'carol',
      managerType: 'local',
    });
    await create(scripted, 'alice');
    expect(scripted.slog.filter(({ type }) => type === 'create-vat')[1]).to.deep.include({
      description: `(from bundleID: ${codeID('alice')})`,
      name: undefined,
    });
  });

  it('leaves nothing if it fails at its start, and vat-admin hears of the end', async () => {
    const { scripted, heard, state } = await start({
      alice: {},
      bad: {
        code: ({ delivery }) => (delivery[0] === 'startVat' ? ['error', 'no', null] : undefined),
      },
    });
    heard.length = 0;
    await create(scripted, 'bad');
    expect(state.vats.dynamicIDs()).to.deep.equal([]);
    expect(
      heard.map(({ method, args }) => [method, args[0], args[1], String(args[2])]),
    ).to.deep.equal([['vatTerminated', 'v4', true, 'Error: no']]);
  });

  it('has no root to give if it exits at its start', async () => {
    const { scripted, heard, state } = await start({ alice: {} });
    scripted.code['brief'] = exits;
    await create(scripted, 'brief');
    expect(heard).to.deep.equal([{ method: 'vatTerminated', args: ['v3', false, 'the end'] }]);
    expect(state.vats.isLive(v3)).to.equal(false);
  });

  it('changes its options with the event of its adminNode, if it lives', async () => {
    const { scripted, state } = await start({ alice: { options: { reapInterval: 5 } } });
    const change = async (options: object, vatID = v2) => {
      state.atomically(() =>
        state.acceptanceQueue.push({ type: 'changeVatOptions', vatID, options: { ...options } }),
      );
      await scripted.kernel.run();
      return state.vats.getOptions(v2).reapDirtThreshold;
    };
    expect(await change({ reapGCKrefs: 7 })).to.deep.equal({ deliveries: 5, gcKrefs: 7 });
    expect(await change({ reapInterval: 'never' })).to.deep.equal({
      ...{ deliveries: 'never', gcKrefs: 7 },
    });
    expect(await change({ reapInterval: 1 }, parseVatID('v99'))).to.deep.include({ gcKrefs: 7 });
    expect(scripted.told).to.deep.equal([]);
  });
});

const upgrade = async (
  { parts, kernel }: ScriptedKernel,
  code: string,
  { vatID = v2, pausedTarget }: { vatID?: typeof v2; pausedTarget?: string } = {},
) => {
  const { state } = parts.lifecycle;
  const upgradeID = state.atomically(() =>
    queueUpgrade(state, {
      ...{ vatID, bundleID: codeID(code), vatParameters: { of: code } },
      upgradeMessage: 'better code',
      ...(pausedTarget !== undefined && { pausedTarget: pausedTarget as ObjectKRef }),
    }),
  );
  await kernel.run();
  return upgradeID;
};

describe('the upgrade of a vat', () => {
  const callbacks = (heard: readonly Told[]) =>
    heard
      .filter(({ method }) => method === 'vatUpgradeCallback')
      .map(({ args }) => args.map(arg => (arg instanceof Error ? String(arg) : arg)));

  it('starts the next incarnation with new code and parameters', async () => {
    const { scripted, heard, state } = await start();
    const answer = scripted.kernel.queueToVatRoot('alice', 'ask');
    await scripted.kernel.run();
    scripted.told.length = 0;
    const upgradeID = await upgrade(scripted, 'mended');
    expect(scripted.told.slice(0, 2)).to.deep.equal(['v2.0 bringOutYourDead', 'v2.1 startVat']);
    expect(callbacks(heard)).to.deep.equal([[upgradeID, true, undefined, 1]]);
    expect(state.vats.getSource(v2)).to.deep.equal({ bundleID: codeID('mended') });
    expect(valueOf(state.vats.getParameters(v2)!)).to.deep.equal({ of: 'mended' });
    expect(valueOf(scripted.kernel.kpResolution(answer))).to.deep.equal({
      ...{ name: 'vatUpgraded', upgradeMessage: 'better code', incarnationNumber: 0 },
    });
    expect(scripted.slog.find(({ type }) => type === 'vat-upgrade-finish')).to.deep.equal({
      ...{ type: 'vat-upgrade-finish', vatID: 'v2', upgradeID, incarnation: 1 },
    });
  });

  it('that fails leaves the old incarnation', async () => {
    const broken: readonly Code[] = [
      failsLater,
      ({ incarnation, ...turn }) => (incarnation > 0 ? exits({ incarnation, ...turn }) : undefined),
    ];
    for (const code of broken) {
      const { scripted, heard, state } = await start();
      scripted.code['broken'] = code;
      const target = scripted.kernel.getRootObject('v2');
      const upgradeID = await upgrade(scripted, 'broken', { pausedTarget: target });
      expect(callbacks(heard)).to.deep.equal([[upgradeID, false, 'Error: vat-upgrade failure']]);
      expect(state.vats.getSource(v2)).to.deep.equal({ bundleID: codeID('alice') });
      const why = code === failsLater ? 'one life is enough' : 'the end';
      expect(scripted.console).to.deep.equal([
        `upgrade of vat v2 failed, the old incarnation goes on: ${why}`,
      ]);
      // It was told to pause before.
      expect(scripted.told.slice(2)).to.have.members(['v2.0 message', 'v1.0 message']);
    }
  });

  it('fails if the old incarnation fails at its BOYD', async () => {
    const { scripted, heard } = await start({
      alice: {
        code: ({ delivery }) =>
          delivery[0] === 'bringOutYourDead' ? ['error', 'no end', null] : undefined,
      },
    });
    await upgrade(scripted, 'mended');
    expect(callbacks(heard)).to.have.length(1);
    expect(scripted.told).to.not.include('v2.1 startVat');
    expect(scripted.console[0]).to.match(/the old incarnation goes on: no end$/);
  });

  it('brings a suspended vat back; one that fails stays suspended', async () => {
    const { scripted, heard, state } = await start();
    scripted.code['broken'] = failsLater;
    await scripted.kernel.suspendVat('v2');
    await upgrade(scripted, 'broken');
    expect(scripted.told[0]).to.equal('v2.1 startVat');
    expect(scripted.console).to.deep.equal([
      'upgrade of vat v2 failed, it stays suspended: one life is enough',
    ]);
    expect(state.services.get(v2)).to.deep.include({
      ...{ type: 'held', by: 'host', error: 'one life is enough' },
    });
    heard.length = 0;
    const upgradeID = await upgrade(scripted, 'mended');
    expect(callbacks(heard)).to.deep.equal([[upgradeID, true, undefined, 1]]);
    expect(state.services.get(v2)).to.deep.equal({ type: 'in-service' });
  });

  it('of a dynamic vat does not overrule the host, who paused it', async () => {
    const { scripted, state } = await start();
    await create(scripted, 'alice');
    await scripted.kernel.suspendVat('v3');
    await upgrade(scripted, 'mended', { vatID: v3 });
    expect(state.services.get(v3)).to.deep.include({ type: 'paused', pausedBy: 'host' });
  });

  it('is refused for a vat that has ended', async () => {
    const { scripted, heard } = await start({ alice: {} });
    scripted.kernel.terminateVat('v2', kser('enough'));
    const upgradeID = await upgrade(scripted, 'mended');
    expect(callbacks(heard)).to.deep.equal([
      [upgradeID, false, 'Error: vat-upgrade failure: vat v2 was terminated'],
    ]);
  });

  it('is paid by the meter of the vat, also if it fails', async () => {
    for (const [code, paid] of [
      ['mended', 200n],
      ['broken', 100n],
    ] as const) {
      const { scripted, state } = await start();
      scripted.code['broken'] = failsLater;
      const meterID = state.atomically(() => state.meters.create(10_000n, 0n));
      await create(scripted, 'alice', { meterID });
      const before = state.meters.get(meterID).remaining as bigint;
      await upgrade(scripted, code, { vatID: v3 });
      const after = state.meters.get(meterID).remaining as bigint;
      expect(before - after, code).to.equal(paid);
    }
  });
});

describe("the host's upgrade of a static vat, as vat-admin sees it", () => {
  const order = (scripted: ScriptedKernel, shouldPause: boolean, options = {}) => {
    const { bundleStore } = scripted.parts.lifecycle.kernelStorage;
    Object.assign(bundleStore, { hasBundle: () => true });
    return scripted.kernel.upgradeStaticVat('alice', shouldPause, codeID('mended'), options);
  };

  it('is a message to it', async () => {
    const { scripted, heard } = await start();
    order(scripted, false, { vatParameters: { a: 1 } });
    order(scripted, true);
    await scripted.kernel.run();
    const [first, second] = heard.map(({ method, args }) => [method, ...args]);
    expect(first).to.deep.equal([
      ...['upgradeStaticVat', 'v2', null, codeID('mended')],
      { upgradeMessage: 'vat alice upgraded', vatParameters: { a: 1 } },
    ]);
    expect(second?.[2], "alice's root").to.not.equal(null);
  });

  it('is done by the kernel while vat-admin is out of service', async () => {
    const { scripted, heard, state } = await start();
    await scripted.kernel.suspendVat('v1');
    order(scripted, true, { vatParameters: { a: 1 } });
    await scripted.kernel.run();
    expect(scripted.told).to.deep.equal([
      ...['v2.0 message', 'v2.0 bringOutYourDead', 'v2.1 startVat'],
    ]);
    expect(valueOf(state.vats.getParameters(v2)!)).to.deep.equal({ a: 1 });
    await scripted.kernel.resumeVat('v1');
    await scripted.kernel.run();
    expect(heard.map(({ method }) => method)).to.deep.equal(['awaitUpgrade', 'vatUpgradeCallback']);
    expect(heard[0]?.args[0]).to.equal(heard[1]?.args[0]);
  });

  it('has a message that is a string, and needs a vat-admin', async () => {
    const { scripted } = await start();
    await scripted.kernel.suspendVat('v1');
    const refused = await failureOf(() => order(scripted, false, { upgradeMessage: 7 }));
    expect(refused).to.be.instanceOf(BadOptionError);
    const without = await startScripted({ vats: { alice: {} } });
    await without.kernel.run();
    const lacking = await failureOf(() => order(without, false));
    expect(String(lacking)).to.include("v1 can't be upgraded: the kernel has no vat-admin");
  });
});

describe('the end of a vat', () => {
  it('rejects what it owes and what waits for it, and is told to vat-admin', async () => {
    const { scripted, heard, state } = await start();
    const owed = scripted.kernel.queueToVatRoot('alice', 'ask');
    await scripted.kernel.run();
    scripted.kernel.pauseVat('v2');
    const waiting = scripted.kernel.queueToVatRoot('alice', 'ask');
    await scripted.kernel.run();
    scripted.kernel.terminateVat('v2', kser('enough'));
    await scripted.kernel.run();
    for (const kpid of [owed, waiting]) {
      expect(String(valueOf(scripted.kernel.kpResolution(kpid)))).to.equal('Error: vat terminated');
    }
    expect(heard).to.deep.equal([{ method: 'vatTerminated', args: ['v2', true, 'enough'] }]);
    expect(scripted.console).to.deep.equal(['terminating vat v2 (failure=true)']);
    expect(state.services.get(v2)).to.deep.equal({ type: 'in-service' });
    expect(state.waiting.vatIDs()).to.deep.equal([]);
  });

  it('stops the kernel if it is critical', async () => {
    const { scripted } = await start(
      { alice: { options: { critical: true } } },
      { checkAtEnd: false },
    );
    scripted.kernel.terminateVat('v2', kser('enough'));
    const panic = await failureOf(scripted.kernel.run());
    expect(panic).to.be.instanceOf(KernelPanicError);
    expect((panic as Error).cause).to.be.instanceOf(CriticalVatError);
    expect((panic as Error).message)
      .to.include('v2')
      .and.to.include('enough');
  });
});

describe('the cleanup of a vat', () => {
  /** Two exports, one import (its root is pinned by no one), a promise and five rows. */
  const fills: Code = ({ delivery, syscall }) => {
    if (methodOf(delivery) !== 'fill' || delivery[0] !== 'message') return;
    for (let row = 0; row < 5; row += 1) syscall(['vatstoreSet', `row${row}`, 'x']);
    const [target] = delivery[2].methargs.slots;
    if (!target) return;
    const methargs = { body: '#["hold",["$0","$1","&2"]]', slots: ['o+5', 'o+6', 'p+7'] };
    syscall(['send', target, { methargs } as never]);
  };
  const cleanUp = async (scripted: ScriptedKernel, allowed: boolean | CleanupBudget) => {
    const cleaned: Readonly<Record<string, number>>[] = [];
    await scripted.kernel.run({
      vatCreated: () => true,
      crankComplete: () => true,
      crankFailed: () => true,
      emptyCrank: () => true,
      allowCleanup: () => allowed,
      didCleanup: ({ cleanups }) => {
        cleaned.push(cleanups);
        return true;
      },
    });
    return cleaned;
  };
  const terminated = async () => {
    const { scripted, state } = await start({ alice: { code: fills }, bob: {} });
    const bob = scripted.kernel.getRootObject('v3');
    const { queue } = scripted.parts.lifecycle;
    const alice = scripted.kernel.getRootObject('v2');
    state.atomically(() =>
      queue.sendFromOutside(alice, {
        methargs: { body: '#["fill",["$0"]]', slots: [bob as never] },
      }),
    );
    await scripted.kernel.run();
    scripted.kernel.terminateVat('v2', kser('enough'));
    expect(await cleanUp(scripted, false)).to.deep.equal([]);
    scripted.slog.length = 0;
    return { scripted, state };
  };
  const none = { exports: 0, imports: 0, promises: 0, kv: 0, snapshots: 0, transcripts: 0 };

  it('deletes everything at once if nothing limits it', async () => {
    const { scripted, state } = await terminated();
    const [counts, ...more] = await cleanUp(scripted, true);
    expect(more).to.deep.equal([]);
    expect(counts).to.deep.include({ exports: 3, imports: 1, promises: 1, snapshots: 0 });
    const { total, ...kinds } = counts ?? {};
    expect(total).to.equal(Object.values(kinds).reduce((sum, each) => sum + each, 0));
    expect(state.vats.terminatedIDs()).to.deep.equal([]);
    const types = scripted.slog
      .map(({ type }) => type)
      .filter(type => type.startsWith('vat-clean'));
    expect(types).to.deep.equal(['vat-cleanup', 'vat-cleanup-complete']);
    const work = scripted.slog.find(({ type }) => type === 'vat-cleanup')?.['work'];
    expect(work).to.deep.equal(Object.fromEntries(Object.entries(kinds).filter(([, n]) => n > 0)));
  });

  it('takes a crank for each budget, kind by kind', async () => {
    const { scripted, state } = await terminated();
    const cranks = await cleanUp(scripted, { default: 2, kv: 100 });
    expect(cranks[0]).to.deep.equal({ total: 2, ...none, exports: 2 });
    expect(cranks[1]).to.deep.include({ exports: 1, imports: 1, promises: 1 });
    expect(state.vats.terminatedIDs()).to.deep.equal([]);
  });

  it('waits at a kind that may have nothing', async () => {
    const { scripted, state } = await terminated();
    const ports = scripted.parts.lifecycle;
    const outcome = state.atomically(() => cleanupTerminatedVat(ports, v2, { default: 0 }));
    expect(outcome).to.deep.equal({
      ...{ kind: 'done', policy: { call: 'cleanup', cleanups: { total: 0, ...none } } },
    });
    expect(scripted.slog.filter(({ type }) => type.startsWith('vat-clean'))).to.deep.equal([]);
    expect(state.vats.terminatedIDs()).to.deep.equal(['v2']);
  });
});

describe('the root of a vat', () => {
  it('that SwingSet retired gets no messages until the next incarnation', async () => {
    const { scripted, state } = await start();
    const first = scripted.kernel.getRootObject('v2');
    state.atomically(() => {
      state.clist(v2).delete(first);
      state.objects.delete(first);
    });
    const ports = scripted.parts.lifecycle;
    const root = state.atomically(() => provideRootObject(ports, v2));
    expect(state.clist(v2).getRequiredEntry(root)).to.deep.include({
      ...{ vref: 'o+0', reachable: false },
    });
    await scripted.boot({ platformEpoch: 2 });
    const { state: next } = scripted.parts.lifecycle;
    expect(next.clist(v2).getRequiredEntry(root)).to.deep.include({
      ...{ vref: 'o+0', reachable: true },
    });
  });
});
