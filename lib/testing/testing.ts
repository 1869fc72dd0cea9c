/**
 * Vats in a test: runs them on a real kernel over a store in memory, takes them through platform
 * epochs, and shows what they kept and what their callers saw. For any test runner.
 *
 *   import '@endo/init/debug.js';
 *   import { withTestSwingset } from 'swingset-kernel/testing';
 *
 *   const source = new URL('../src/vat-counter.js', import.meta.url);
 *   await withTestSwingset({ vats: { counter: { source } } }, async test => {
 *     await test.call('counter', 'increment');
 *     await test.epoch({ mode: 'lazy' });
 *     assert.equal(await test.call('counter', 'increment'), 2);
 *   });
 *
 * Boundary: a host like any other, on the package's public calls. Only `kept` reads the store's
 * rows.
 */
// Must be first, because the other imports load endo.
import '../endo-environment/load.js';
import { fileURLToPath } from 'node:url';
import { BadOptionError } from '../errors.js';
import type { SwingsetController } from '../controller/types.js';
import type { PlatformRestartOptions } from '../platform-epoch/restart-options.js';
import type { PlatformRestartReport, VatRestartResult } from '../platform-epoch/types.js';
import { KernelState } from '../state/kernel-state.js';
import type { PlatformRestartMode } from '../types/platform-epoch.js';
import type { RunPolicy } from '../types/policies.js';
import type { VatID } from '../types/ids.js';
import { insistKnownFields } from '../unknown-fields.js';
import { startLives } from './lives.js';
import {
  CallPendingError,
  TestSwingsetClosedError,
  TestVatStartError,
  UnknownTestNameError,
} from './errors.js';
import { readKeptData, type KeptData } from './kept-data.js';
import { checkOptions, DRIVER } from './options.js';
import type { TestReferences, TestSwingsetOptions } from './options.js';
import { outcomeOf, type CallOutcome, type Reference } from './references.js';
import { statusOfVat, type TestVatStatus } from './status.js';

export {
  CallPendingError,
  TestSwingsetClosedError,
  TestVatStartError,
  UnknownTestNameError,
} from './errors.js';
export type { KeptCollection, KeptData, KeptObject, KeptReference } from './kept-data.js';
export type { TestDevice, TestReferences, TestSwingsetOptions, TestVat } from './options.js';
export type { CallOutcome, Reference } from './references.js';
export type { TestVatStatus } from './status.js';

export interface TestEpochOptions {
  /** Default `eager`. */
  readonly mode?: PlatformRestartMode;
  /** By vat: what it starts with instead of the parameters that it has retained. */
  readonly vatParameters?: Readonly<Record<string, unknown>>;
  /** What becomes of a vat that can't start; default `suspend`. */
  readonly onVatFailure?: PlatformRestartOptions['onVatFailure'];
}

export interface TestEpochResult {
  /** What became of each vat of the test, by its name. */
  readonly vats: Readonly<Record<string, VatRestartResult>>;
  /** The kernel's report, which lists the kernel's own vats too. */
  readonly report: PlatformRestartReport;
}

export interface SentCall {
  /** What has become of the call so far. */
  outcome(): CallOutcome;
}

export interface TestSwingset extends TestReferences {
  /** The present kernel, for whatever is not here. An epoch replaces it. */
  readonly controller: SwingsetController;
  /** What the kernel and the vats have printed, a line each. Empty if the test passed a console. */
  readonly console: readonly string[];
  /** Controls the vat: `terminateWithFailure`, `upgrade`, `restart`, … */
  adminNode(vat: string): Reference;
  /**
   * Calls a method of a vat's root or of any object, runs all queued work, and answers the result.
   * A `Reference` may be the target, and may be anywhere in the arguments.
   *
   * @throws what the vat threw; a disconnection object is a plain record, and no Error
   * @throws CallPendingError if there is no result yet
   */
  call(target: string | Reference, method: string, ...args: unknown[]): Promise<unknown>;
  /** Like `call`, but only queues the message. It is delivered by the next `run` or `call`. */
  send(target: string | Reference, method: string, ...args: unknown[]): SentCall;
  /**
   * Runs queued work and commits. After an epoch in the mode `rolling` it also starts one sleeping
   * vat, or as many as the policy allows.
   *
   * @returns the number of cranks
   */
  run(policy?: RunPolicy): Promise<number>;
  /** Sets the time of the timer service, and runs what is due. */
  setTime(now: bigint | number): Promise<void>;
  /**
   * Takes all vats through a platform epoch: stops the kernel and boots it again with the next
   * epoch. Queued work is not run.
   *
   * @throws what the boot threw, for example with `onVatFailure: 'panic'`; the swingset is closed
   */
  epoch(options?: TestEpochOptions): Promise<TestEpochResult>;
  /**
   * Restarts one vat outside an epoch, before anything that is queued.
   * @throws VatStateError if it can't start; the old incarnation goes on
   */
  restartVat(
    vat: string,
    options?: { readonly upgradeMessage?: string; readonly vatParameters?: unknown },
  ): Promise<{ readonly incarnationNumber: number }>;
  status(vat: string): TestVatStatus;
  /** What the vat keeps for its next incarnation. Does not wake it. */
  kept(vat: string): KeptData;
  /** Ends all workers and drops the store. Further calls do nothing. */
  close(): Promise<void>;
}

interface StartedVat {
  readonly vatID: VatID;
  readonly root: Reference;
  readonly adminNode: Reference;
}

const driverPath = fileURLToPath(new URL('../../lib/testing/driver.js', import.meta.url));

/**
 * Starts a swingset with the test's vats. The test must close it; `withTestSwingset` does that.
 *
 * @throws BadOptionError; TestVatStartError if a vat can't start
 */
export const startTestSwingset = async (options: TestSwingsetOptions): Promise<TestSwingset> => {
  checkOptions(options);
  const lives = await startLives(options, driverPath);
  const vats = new Map<string, StartedVat>();
  let devices: Readonly<Record<string, Reference>> = {};
  let timerService: Reference | undefined;

  const controllerNow = (): SwingsetController => {
    if (lives.controller === undefined) throw new TestSwingsetClosedError();
    return lives.controller;
  };
  let turns: Promise<unknown> = Promise.resolve();
  /** Lets calls that a test makes at the same time happen one after the other. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const result = turns.then(act);
    turns = result.catch(() => {});
    return result;
  };
  const vat = (name: string): StartedVat => {
    const found = vats.get(name);
    if (!found) throw new UnknownTestNameError('vat', name, [...vats.keys()]);
    return found;
  };
  const run = async (policy?: RunPolicy): Promise<number> => {
    const cranks = await controllerNow().run(policy);
    await lives.commit();
    return cranks;
  };
  const sent = (kpid: string): SentCall => {
    // Reading a result ends the host's interest in it, so it is read once.
    let settled: CallOutcome | undefined;
    return harden({
      outcome: () => {
        if (settled) return settled;
        const outcome = outcomeOf(controllerNow(), kpid);
        if (outcome.status !== 'pending') settled = outcome;
        return outcome;
      },
    });
  };
  const queue = (target: string | Reference, method: string, args: readonly unknown[]) =>
    sent(
      target === DRIVER
        ? controllerNow().queueToVatRoot(DRIVER, method, args)
        : controllerNow().queueToVatObject(
            typeof target === 'string' ? vat(target).root : target,
            method,
            args,
          ),
    );
  const problemOf = (target: string | Reference): string | undefined => {
    if (typeof target !== 'string' || target === DRIVER) return undefined;
    const status = test.status(target);
    if (status.state !== 'suspended' && status.state !== 'paused') return undefined;
    const reason = status.error === undefined ? '' : `: ${status.error}`;
    return `vat "${target}" is ${status.state}${reason}`;
  };
  const answerOf = async (
    target: string | Reference,
    method: string,
    call: SentCall,
  ): Promise<unknown> => {
    await run();
    const outcome = call.outcome();
    if (outcome.status === 'pending') throw new CallPendingError(method, problemOf(target));
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  };

  const references: TestReferences = {
    root: name => vat(name).root,
    device: name => {
      const found = devices[name];
      if (!found) throw new UnknownTestNameError('device', name, Object.keys(devices));
      return found;
    },
    get timerService() {
      if (!timerService)
        throw new BadOptionError('timer', options.timer, 'true for a timerService');
      return timerService;
    },
  };

  const createVat = async (name: string): Promise<void> => {
    const before = new Set(
      controllerNow()
        .getStatus()
        .activeVats.map(({ id }) => id),
    );
    const given = options.vats[name]?.vatParameters ?? {};
    const parameters: unknown =
      typeof given === 'function'
        ? (given as (from: TestReferences) => unknown)(references)
        : given;
    let made: unknown;
    try {
      made = await answerOf(DRIVER, 'createVat', queue(DRIVER, 'createVat', [name, parameters]));
    } catch (error) {
      throw new TestVatStartError(name, error);
    }
    const created = controllerNow()
      .getStatus()
      .activeVats.find(({ id, options: { name: named } }) => !before.has(id) && named === name);
    if (!created) throw new TestVatStartError(name, Error('it ended as soon as it had started'));
    vats.set(name, { vatID: created.id, ...(made as Omit<StartedVat, 'vatID'>) });
  };

  const test: TestSwingset = {
    root: references.root,
    device: references.device,
    get timerService() {
      return references.timerService;
    },
    get controller() {
      return controllerNow();
    },
    console: lives.console,
    adminNode: name => vat(name).adminNode,
    call: (target, method, ...args) =>
      inTurn(async () => answerOf(target, method, queue(target, method, args))),
    send: (target, method, ...args) => queue(target, method, args),
    run: policy => inTurn(() => run(policy)),
    setTime: now =>
      inTurn(async () => {
        controllerNow();
        lives.setTime(now);
        await run();
      }),
    epoch: ({ mode = 'eager', vatParameters = {}, onVatFailure, ...rest } = {}) =>
      inTurn(async () => {
        insistKnownFields(rest, ['mode', 'vatParameters', 'onVatFailure']);
        controllerNow();
        const byID = Object.entries(vatParameters).map(([name, each]) => [vat(name).vatID, each]);
        const report = await lives.nextEpoch({
          mode,
          ...(byID.length > 0 && {
            vatParameters: Object.fromEntries(byID) as Record<string, unknown>,
          }),
          ...(onVatFailure && { onVatFailure }),
        });
        const resultOf = ({ vatID }: StartedVat) => report.vats.find(each => each.vatID === vatID);
        const results = [...vats].flatMap(([name, each]) => {
          const result = resultOf(each);
          return result === undefined ? [] : [[name, result] as const];
        });
        return { vats: Object.fromEntries(results), report };
      }),
    restartVat: (name, restart = {}) =>
      inTurn(async () => {
        const result = await controllerNow().restartVat(vat(name).vatID, restart);
        await lives.commit();
        return result;
      }),
    status: name => statusOfVat(controllerNow(), lives.kernelStorage, vat(name).vatID),
    kept: name => {
      controllerNow();
      return readKeptData(new KernelState(lives.kernelStorage).vatstore(vat(name).vatID));
    },
    close: () => lives.close(),
  };

  try {
    const boot = await answerOf(DRIVER, 'bootstrap', sent(lives.bootstrapResult));
    ({ devices, timerService } = boot as {
      devices: Readonly<Record<string, Reference>>;
      timerService: Reference | undefined;
    });
    for (const name of Object.keys(options.vats)) await createVat(name);
  } catch (error) {
    await lives.close();
    throw error;
  }
  return test;
};

/** Starts a swingset, hands it to `action`, and closes it whatever `action` does. */
export const withTestSwingset = async <T>(
  options: TestSwingsetOptions,
  action: (test: TestSwingset) => Promise<T> | T,
): Promise<T> => {
  const test = await startTestSwingset(options);
  try {
    return await action(test);
  } finally {
    await test.close();
  }
};
