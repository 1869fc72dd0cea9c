/**
 * Runs one behaviour of one vat beside its neighbours, and checks its fate and that they go on as if
 * it had behaved. What they do otherwise is compared with a twin: the same case without misbehaviour.
 */
import { expect } from 'chai';
import { CriticalVatError, KernelPanicError } from '../../../lib/kernel/delivery/errors.js';
import { CriticalRestartError } from '../../../lib/platform-epoch/errors.js';
import { WorkerDiedError } from '../../../lib/workers/errors.js';
import { suspensionOf } from '../../platform-epoch/support/fixture.js';
import { failureOf } from '../../support/failure.js';
import type { Life, RebootOptions } from '../../support/swingset.js';
import { ask, vatIDs, type Base, type Culprit } from './base.js';
import type { Behaviour, RunFate, StartFate } from './fates.js';
import { queueMoreTraffic, queueTraffic, runOn, tracesOf } from './neighbours.js';

/** A run is cut short once, so that a vat that sends without end is met in the middle of that. */
const FIRST_RUN = 200;

export interface Case {
  readonly base: Base;
  readonly culprit: Culprit;
  /** For each kernel of the case, the first included. */
  readonly options?: RebootOptions;
}

/** How the vat is started while it misbehaves. */
export const ways = {
  eager: {},
  'eager, run ahead': { concurrency: 2 },
  lazy: { mode: 'lazy' },
  rolling: { mode: 'rolling' },
} as const;

export type Way = keyof typeof ways;

const reasonOf = (life: Life, kpid: string): string => {
  try {
    return `fulfilled: ${String(life.resultOf(kpid))}`;
  } catch (reason) {
    return reason instanceof Error ? reason.message : String(reason);
  }
};

const isEnd = (fate: RunFate): fate is Extract<RunFate, { readonly why: string }> => 'why' in fate;

const isAlive = (life: Life, culprit: Culprit): boolean =>
  life.controller.getStatus().activeVats.some(({ id }) => id === vatIDs[culprit]);

/** What the neighbours answered in all, and traces of those who know nothing of the culprit. */
const live = async (life: Life, culprit: Culprit) => {
  const first = queueTraffic(life);
  await runOn(life, FIRST_RUN);
  const second = queueMoreTraffic(life);
  await runOn(life);
  return {
    answers: [...first.answers(), ...second.answers()],
    traces: tracesOf(life, culprit),
  };
};

type Lived = Awaited<ReturnType<typeof live>>;

const twins = new WeakMap<Base, Map<string, Promise<Lived>>>();

const twinOf = (base: Base, key: string, make: () => Promise<Lived>): Promise<Lived> => {
  const made = twins.get(base) ?? new Map<string, Promise<Lived>>();
  twins.set(base, made);
  const twin = made.get(key) ?? make();
  made.set(key, twin);
  return twin;
};

const twinAtRunTime = ({ base, culprit }: Case): Promise<Lived> =>
  twinOf(base, culprit, async () => {
    const life = await base.open();
    ask(life, culprit, 'misbehave', 'nothing');
    const lived = await live(life, culprit);
    await life.close();
    return lived;
  });

/** The fate of a message and of the vat that got it, in a kernel that goes on. */
const expectFate = async (life: Life, culprit: Culprit, kpid: string, fate: RunFate) => {
  const ending = isEnd(fate);
  const ended = life.slog.filter(({ type }) => type === 'terminate');
  switch (fate.kind) {
    case 'fulfilled':
      expect(ended.map(({ info }) => info)).to.deep.equal([]);
      expect(life.resultOf(kpid)).to.deep.equal(fate.value);
      break;
    case 'rejected':
      expect(life.controller.kpStatus(kpid)).to.equal('rejected');
      expect(reasonOf(life, kpid)).to.include(fate.reason);
      break;
    case 'unresolved':
      expect(life.controller.kpStatus(kpid)).to.equal('unresolved');
      break;
    case 'leaves':
    case 'ends':
    case 'dies': {
      if (fate.kind === 'leaves') expect(life.resultOf(kpid)).to.deep.equal(fate.value);
      else expect(reasonOf(life, kpid)).to.equal('vat terminated');
      expect(ended.map(({ vatID }) => vatID)).to.deep.equal([vatIDs[culprit]]);
      const why = fate.kind === 'dies' ? 'the worker died again and again' : fate.why;
      expect(JSON.stringify(ended[0]?.['info'])).to.include(why);
      break;
    }
    default:
      fate satisfies never;
  }
  expect(isAlive(life, culprit), 'the vat lives').to.equal(!ending);
  const living = ending ? (['mirror'] as const) : ([culprit, 'mirror'] as const);
  const after = living.map(vat => ask(life, vat, 'ping'));
  await runOn(life);
  for (const kpid of after) expect(reasonOf(life, kpid)).to.equal('fulfilled: pong');
};

/** After a panic nothing can be committed, and a boot without the cause finds the last commit. */
const expectUntouched = async (life: Life, before: string, again: RebootOptions = {}) => {
  const refusal = await failureOf(life.hostStorage.commit(), 'the commit');
  expect(refusal).to.have.property('code', 'STORE_USAGE');
  await life.crash(again);
  expect(life.controller.getActivityhash(), 'nothing was kept').to.equal(before);
  const { answers } = await live(life, 'hostile');
  expect(answers).to.have.length(12);
  life.check();
};

const expectPanic = async (life: Life, fate: RunFate, before: string): Promise<void> => {
  const failure = await failureOf(runOn(life), 'the run');
  expect(failure).to.be.instanceOf(KernelPanicError);
  const { cause } = failure as KernelPanicError;
  expect(cause).to.be.instanceOf(fate.kind === 'dies' ? WorkerDiedError : CriticalVatError);
  if (isEnd(fate)) {
    expect(String((cause as Error).message)).to.include(fate.why);
  }
  await expectUntouched(life, before);
};

/** Sends the vat a message that makes it misbehave. */
export const tryAtRunTime = async (
  { name, run: fate }: Behaviour & { readonly run: RunFate },
  given: Case,
): Promise<void> => {
  const { base, culprit, options = {} } = given;
  const life = await base.open(options);
  const before = life.controller.getActivityhash();
  const kpid = ask(life, culprit, 'misbehave', name);
  const ending = isEnd(fate);
  const isLoss = fate.kind === 'dies' && options.onWorkerDeath !== 'terminate';
  if (isLoss || (ending && culprit === 'vital')) {
    await expectPanic(life, fate, before);
    return;
  }
  const lived = await live(life, culprit);
  expect(lived).to.deep.equal(await twinAtRunTime(given));
  await expectFate(life, culprit, kpid, fate);
  life.check();
};

const restartOf = (way: Way, culprit: Culprit, atStart: string | undefined) => ({
  platformEpoch: 2,
  platformRestart: {
    ...ways[way],
    vatParameters: { [vatIDs[culprit]]: atStart === undefined ? {} : { atStart } },
  },
});

const twinAtStart = ({ base, culprit }: Case, way: Way): Promise<Lived> =>
  twinOf(base, `${culprit}, ${way}`, async () => {
    const life = await base.open();
    ask(life, culprit, 'ping');
    await life.reboot(restartOf(way, culprit, undefined));
    ask(life, culprit, 'ping');
    const lived = await live(life, culprit);
    await life.close();
    return lived;
  });

/** It was not restarted in vain: the next epoch starts the vat, and its messages are all there. */
const expectReturn = async (life: Life, culprit: Culprit, waiting: readonly string[]) => {
  await life.reboot({
    platformEpoch: 3,
    platformRestart: { vatParameters: { [vatIDs[culprit]]: {} } },
  });
  await runOn(life);
  expect(suspensionOf(life, vatIDs[culprit])).to.equal(undefined);
  expect(waiting.map(kpid => life.resultOf(kpid))).to.deep.equal(waiting.map(() => 'pong'));
};

interface StoppedBoot {
  readonly restart: RebootOptions;
  readonly fate: StartFate;
  readonly culprit: Culprit;
  readonly before: string;
}

const expectStoppedBoot = async (
  life: Life,
  { restart, fate, culprit, before }: StoppedBoot,
): Promise<void> => {
  const failure = await failureOf(life.reboot(restart), 'the boot');
  if (fate.kind === 'dies') {
    expect(failure).to.be.instanceOf(WorkerDiedError);
    expect(String(failure)).to.include(fate.why);
  } else {
    expect(failure).to.be.instanceOf(CriticalRestartError);
    const { failures } = failure as CriticalRestartError;
    expect(failures.map(({ vatID }) => vatID)).to.deep.equal([vatIDs[culprit]]);
    if (fate.kind !== 'starts') expect(failures[0]?.error).to.include(fate.why);
  }
  await expectUntouched(life, before, { platformEpoch: 1 });
  expect(life.controller.getEpochLedger().map(({ epoch }) => epoch)).to.deep.equal([1]);
};

/** Restarts the vat for a new epoch, in which it misbehaves before it has its root. */
export const tryAtStart = async (
  { name, start: fate }: Behaviour & { readonly start: StartFate },
  given: Case & { readonly way: Way },
): Promise<void> => {
  const { base, culprit, way, options = {} } = given;
  const vatID = vatIDs[culprit];
  const life = await base.open(options);
  const waiting = [ask(life, culprit, 'ping')];
  await life.hostStorage.commit();
  const before = life.controller.getActivityhash();
  const restart = restartOf(way, culprit, name);
  const isLoss = fate.kind === 'dies' && options.onWorkerDeath !== 'terminate';
  const isEager = way.startsWith('eager') || culprit === 'vital';
  if ((isLoss && isEager) || (fate.kind !== 'starts' && culprit === 'vital')) {
    await expectStoppedBoot(life, { restart, fate, culprit, before });
    return;
  }
  await life.reboot(restart);
  if (isAlive(life, culprit)) waiting.push(ask(life, culprit, 'ping'));
  if (isLoss) {
    const failure = await failureOf(runOn(life), 'the run');
    expect(failure).to.be.instanceOf(KernelPanicError);
    expect(String((failure as KernelPanicError).cause)).to.include(fate.why);
    await expectUntouched(life, before, { platformEpoch: 1 });
    return;
  }
  const lived = await live(life, culprit);
  expect(lived).to.deep.equal(await twinAtStart(given, way));
  life.check();
  if (fate.kind === 'starts') {
    expect(suspensionOf(life, vatID)).to.equal(undefined);
    expect(waiting.map(kpid => life.resultOf(kpid))).to.deep.equal(['pong', 'pong']);
    return;
  }
  if (fate.kind === 'leaves') {
    expect(isAlive(life, culprit)).to.equal(false);
    expect(waiting.map(kpid => reasonOf(life, kpid))).to.deep.equal(
      waiting.map(() => 'vat terminated'),
    );
    return;
  }
  const status = suspensionOf(life, vatID);
  expect(status).to.include({ suspended: true, paused: true, waiting: 2 });
  const why = fate.kind === 'dies' ? 'the worker died again and again' : fate.why;
  expect(status?.error).to.include(why);
  await expectReturn(life, culprit, waiting);
};

/** Makes a vat that misbehaves before it has its root. */
export const tryAtCreation = async (
  { name, start: fate }: Behaviour & { readonly start: StartFate },
  { base, options = {} }: Omit<Case, 'culprit'>,
): Promise<void> => {
  const create = (life: Life, vatParameters: object) =>
    ask(life, 'boot', 'create', 'newcomer', { vatParameters }, 'hostile');
  const life = await base.open(options);
  const made = create(life, { atStart: name });
  const lived = await live(life, 'hostile');
  const twin = await twinOf(base, 'creation', async () => {
    const other = await base.open();
    create(other, {});
    const itsLife = await live(other, 'hostile');
    await other.close();
    return itsLife;
  });
  expect(lived).to.deep.equal(twin);
  if (fate.kind === 'starts') {
    expect(life.resultOf(made)).to.equal(undefined);
  } else {
    const why = fate.kind === 'dies' ? 'the worker died again and again' : fate.why;
    expect(reasonOf(life, made)).to.include('Vat Creation Error').and.include(why);
  }
  await expectVatAdmin(life);
};

/** Upgrades the vat to code that misbehaves before it has its root. The old incarnation goes on. */
export const tryAtUpgrade = async (
  { name, start: fate }: Behaviour & { readonly start: StartFate },
  { base, options = {} }: Omit<Case, 'culprit'>,
): Promise<void> => {
  const upgrade = (life: Life, vatParameters: object) =>
    ask(life, 'boot', 'upgrade', 'hostile', 'hostile', vatParameters);
  const life = await base.open(options);
  const upgraded = upgrade(life, { atStart: name });
  const lived = await live(life, 'hostile');
  const twin = await twinOf(base, 'upgrade', async () => {
    const other = await base.open();
    upgrade(other, {});
    const itsLife = await live(other, 'hostile');
    await other.close();
    return itsLife;
  });
  expect(lived).to.deep.equal(twin);
  if (fate.kind === 'starts') {
    expect(life.resultOf(upgraded)).to.deep.equal({ incarnationNumber: 1 });
  } else {
    expect(reasonOf(life, upgraded)).to.equal('vat-upgrade failure');
    const after = ask(life, 'hostile', 'ping');
    await runOn(life);
    expect(life.resultOf(after)).to.equal('pong');
  }
  await expectVatAdmin(life);
};

/** Nothing that it was told has ended it. */
const expectVatAdmin = async (life: Life): Promise<void> => {
  const made = ask(life, 'boot', 'create', 'another');
  await runOn(life);
  expect(life.resultOf(made)).to.equal(undefined);
  life.check();
};
