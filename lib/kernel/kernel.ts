/**
 * Assembles the kernel and guards its entrances.
 *
 * Boundary: every call of a host goes through here, one at a time. Methods that change state
 * between cranks write through at once; `run` and `step` work in cranks.
 *
 * Invariants
 * 1. Nothing runs after a panic. A panic inside a crank leaves that crank open, so that the store
 *    refuses to commit it.
 * 2. The kernel never commits.
 * 3. Once a later kernel works on the store, or after `shutdown`, this one changes nothing.
 */
import type { DeviceHook } from '../devices/types.js';
import { startLocalGauges } from '../state/gauges.js';
import { KernelState } from '../state/kernel-state.js';
import { assertCurrentSchema } from '../state/schema-version.js';
import { compareIDs, isVatID, type VatID } from '../types/ids.js';
import type { RunPolicy } from '../types/policies.js';
import { logText } from '../workers/log-text.js';
import { CrankRunner } from './cranks/crank-runner.js';
import { DeviceManager } from './delivery/device-manager.js';
import { KernelBusyError, KernelNotRunningError, KernelPanicError } from './delivery/errors.js';
import { makeHostCalls } from './facets/host-calls.js';
import { Messenger } from './delivery/messenger.js';
import { restartGrownVat } from './cranks/heap-policy.js';
import { makeRunner } from './cranks/run.js';
import { makeSleepers, type StartAhead } from './cranks/sleepers.js';
import { KernelSlog } from './delivery/slog.js';
import { takeStoreOver } from './sole-kernel.js';
import { CrankTries } from './delivery/worker-loss.js';
import type { Kernel, UnstartedKernel } from './types.js';
import type { KernelPowers } from './powers.js';
import { asDeviceHooks, makeVatAdminHooks } from './facets/vat-admin-hooks.js';
import type { LifecyclePorts } from './vats/vat-lifecycle.js';
import { readVatRecord } from './vats/vat-record.js';

/** Lifecycle phase. */
type Phase = 'starting' | 'running' | 'stopped';

/** Adds the kernel's hooks to the built-in devices that the configuration has. */
const addBuiltInHooks = (
  state: KernelState,
  devices: DeviceManager,
  powers: KernelPowers,
  cranks: CrankRunner,
): void => {
  const hooks = asDeviceHooks(
    makeVatAdminHooks({
      state,
      bundleStore: powers.kernelStorage.bundleStore,
      requestTermination: end => cranks.requestTermination(end),
    }),
  );
  for (const name of ['vatAdmin', 'bundle']) {
    if (state.devices.findByName(name) === undefined) continue;
    for (const [hookName, hook] of hooks) devices.addHook(name, hookName, hook, 'kernel');
  }
};

/** @throws NotInitializedError, SchemaVersionError */
export const makeKernel = (powers: KernelPowers): UnstartedKernel => {
  const { kernelStorage, platform, now, console: log } = powers;
  assertCurrentSchema(kernelStorage.kvStore);
  let phase: Phase = 'starting';
  let panicked: KernelPanicError | undefined;
  let busy: string | undefined;
  const isStopped = (): boolean => phase === 'stopped';
  takeStoreOver(kernelStorage, {
    isAtWork: () => busy !== undefined && !isStopped() && !panicked,
    retire: () => {
      phase = 'stopped';
    },
  });
  const state = new KernelState(kernelStorage, powers.stateOptions);
  startLocalGauges(state);
  const slog = new KernelSlog(
    powers.slog,
    vatID => kernelStorage.transcriptStore.getCurrentSpanBounds(vatID).endPos,
  );
  state.watchClists((mode, owner, kref, vref) => {
    if (slog.enabled && isVatID(owner)) slog.clist(mode, owner, kref, vref);
  });
  const testLog: string[] = [];
  let imageID: string | undefined;

  const panic = (problem: string, cause: Error): void => {
    panicked ??= new KernelPanicError(problem, { cause });
    log.error(`##### KERNEL PANIC: ${problem} #####`);
  };
  const insistHealthy = (): void => {
    if (panicked) throw panicked;
  };
  const insistRunning = (): void => {
    if (isStopped()) throw new KernelNotRunningError('the rest of the crank');
  };
  const insistOpen = (operation: string): void => {
    if (isStopped()) throw new KernelNotRunningError(operation);
  };

  const queue = new Messenger({ state, console: log, panic });
  const writeTestLog = (...args: unknown[]) => void testLog.push(args.map(logText).join(''));
  const devices = new DeviceManager({ state, queue, powers, testLog: writeTestLog, insistOpen });
  const warehouse = powers.makeWarehouse({
    records: {
      getVatRecord: vatID => readVatRecord(state, vatID),
    },
    relaxDurabilityRules: state.settings.relaxDurabilityRules,
    snapshotSchedule: {
      snapshotInitial: state.settings.snapshotInitial,
      snapshotInterval: state.settings.snapshotInterval,
    },
    slog: entry => (entry.type === 'console' ? slog.console(entry) : slog.write(entry)),
    testLog: line => writeTestLog(line),
  });
  const lifecycle: LifecyclePorts = {
    state,
    queue,
    devices,
    slog,
    warehouse,
    kernelStorage,
    stateOptions: powers.stateOptions ?? {},
    platform,
    get imageID() {
      return imageID;
    },
    onWorkerDeath: powers.onWorkerDeath ?? 'panic',
    tries: new CrankTries(),
    panic,
    insistHealthy,
    insistRunning,
    console: log,
  };
  const cranks = new CrankRunner(lifecycle);
  addBuiltInHooks(state, devices, powers, cranks);

  const insistIdle = (operation: string): void => {
    if (busy !== undefined || state.inCrank) throw new KernelBusyError(`controller.${operation}`);
  };
  const admit = (operation: string): void => {
    insistHealthy();
    if (phase !== 'running') throw new KernelNotRunningError(operation);
  };
  /** Runs one call at a time. An error inside a crank stops the kernel. */
  const exclusively = async <T>(operation: string, task: () => Promise<T>): Promise<T> => {
    admit(operation);
    insistIdle(operation);
    busy = operation;
    try {
      return await task();
    } catch (error) {
      // A host that shuts down inside a crank undoes that crank by not committing.
      if (isStopped()) throw new KernelNotRunningError(operation);
      if (state.inCrank && !panicked) {
        panic(`${operation} failed: ${(error as Error).message}`, error as Error);
      }
      throw panicked ?? error;
    } finally {
      busy = undefined;
    }
  };
  const betweenCranks = <T>(operation: string, task: () => T): T => {
    admit(operation);
    insistIdle(operation);
    return state.atomically(task);
  };
  const duringCalls = <T>(operation: string, task: () => T): T => {
    admit(operation);
    if (state.inCrank) throw new KernelBusyError(`controller.${operation}`);
    return state.atomically(task);
  };

  const { faultPoint = () => undefined } = powers;

  const shutdown = async () => {
    phase = 'stopped';
    await warehouse.shutdown();
  };

  const makeRunning = (startAhead: StartAhead | undefined): Kernel => {
    const sleepers = makeSleepers(lifecycle, cranks, startAhead);
    const restartGrown = (policy: RunPolicy) => restartGrownVat(lifecycle, cranks, policy);
    const runner = makeRunner({ state, cranks, sleepers, restartGrown });
    const rolling = () => sleepers.status();
    return {
      run: policy => exclusively('run', () => runner.run(policy)),
      step: () => exclusively('step', () => runner.step()),
      shutdown,
      addDeviceHook: (deviceName: string, hookName: string, hook: DeviceHook) =>
        betweenCranks('debug.addDeviceHook', () => devices.addHook(deviceName, hookName, hook)),
      testLog,
      ...makeHostCalls({
        lifecycle,
        cranks,
        exclusively,
        betweenCranks,
        duringCalls,
        testLog,
        rolling,
      }),
    };
  };

  /** Static vats first, then dynamic ones by number: the oldest vats are used most. */
  const preloadSet = (): VatID[] => {
    const statics = state.vats.staticNames().flatMap(name => state.vats.findByName(name) ?? []);
    return [...statics.sort(compareIDs), ...state.vats.dynamicIDs().sort(compareIDs)].filter(
      vatID => !state.services.isSuspended(vatID) && hasStarted(lifecycle, vatID),
    );
  };

  return {
    parts: { lifecycle, cranks, now, faultPoint },
    prepare: async () => {
      busy = 'the boot';
      imageID = await powers.findImage();
      await devices.startAll();
    },
    start: async startAhead => {
      insistHealthy();
      await warehouse.preload(preloadSet());
      insistOpen('the boot');
      phase = 'running';
      busy = undefined;
      return makeRunning(startAhead);
    },
    shutdown,
  };
};

/** False for the vats of a store that was only initialized. */
const hasStarted = ({ kernelStorage }: LifecyclePorts, vatID: VatID): boolean => {
  const { startPos, endPos } = kernelStorage.transcriptStore.getCurrentSpanBounds(vatID);
  return endPos > startPos;
};
