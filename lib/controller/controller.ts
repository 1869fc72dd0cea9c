/**
 * The controller over a started kernel: checks what a host hands in, refuses calls that would run
 * into each other, and passes on the rest.
 *
 * Boundary: hosts call it. It calls the kernel and the bundleStore; it never commits.
 *
 * Invariant: while an asynchronous method is at work, no other method that changes kernel state
 * gets through; methods that only read do.
 */
import { krefOf } from '@agoric/kmarshal';
import { BadOptionError } from '../errors.js';
import { KernelBusyError } from '../kernel/delivery/errors.js';
import { insistKnownFields } from '../known-fields.js';
import type { EpochKernel } from '../platform-epoch/start-kernel.js';
import { parseBundleID, parseKRef, parsePromiseKRef, parseVatID } from '../types/ids.js';
import type { KRef, ObjectKRef, PromiseKRef } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import { findFlaw } from '../types/readable-data.js';
import { checkForeignBundle } from './bundling.js';
import { BadBundleError } from './errors.js';
import type { SlogWriter } from './slog-writer.js';
import type { HostResultPolicy, SwingsetController } from './types.js';

const policies: readonly HostResultPolicy[] = [
  'none',
  'ignore',
  'logAlways',
  'logFailure',
  'panic',
];

const checkPolicy = (policy: HostResultPolicy): HostResultPolicy => {
  if (policies.includes(policy)) return policy;
  throw new BadOptionError('resolutionPolicy', policy, `one of ${policies.join(', ')}`);
};

const checkArgs = (args: unknown): readonly unknown[] => {
  if (Array.isArray(args)) return args;
  throw new BadOptionError('args', args, 'an array');
};

const checkCapData = (data: CapData, field: string): CapData<KRef> => {
  const isCapData = typeof data?.body === 'string' && Array.isArray(data.slots);
  if (!isCapData) throw new BadOptionError(field, data, 'marshalled data { body, slots }');
  const flaw = findFlaw(data);
  if (flaw !== undefined) {
    throw new BadOptionError(field, data, `marshalled data that can be read, not ${flaw}`);
  }
  return { body: data.body, slots: data.slots.map(parseKRef) };
};

const targetOf = (target: unknown): ObjectKRef | PromiseKRef => {
  try {
    return parseKRef(krefOf(target)) as ObjectKRef | PromiseKRef;
  } catch (error) {
    if (error instanceof BadOptionError) throw error;
    throw new BadOptionError('target', target, 'a reference made by kslot');
  }
};

const statusOf = (
  kernel: EpochKernel,
  kpid: string,
): ReturnType<SwingsetController['kpStatus']> => {
  const promise = parsePromiseKRef(kpid);
  try {
    return kernel.kpStatus(promise);
  } catch (error) {
    // The host may ask after a promise that it did not keep: SwingSet's hosts get an answer.
    if (error instanceof BadOptionError && error.field === 'kpid') return 'unknown';
    throw error;
  }
};

/** Lets one asynchronous operation at a time through, and no change beside it. */
const makeTurnstile = () => {
  let busyWith: string | undefined;
  const enter = (name: string) => {
    if (busyWith !== undefined) throw new KernelBusyError(`controller.${name}`);
    busyWith = name;
  };
  return {
    alone: async <T>(name: string, action: () => Promise<T>): Promise<T> => {
      enter(name);
      try {
        return await action();
      } finally {
        busyWith = undefined;
      }
    },
    now: <T>(name: string, action: () => T): T => {
      enter(name);
      try {
        return action();
      } finally {
        busyWith = undefined;
      }
    },
  };
};

export interface ControllerPorts {
  readonly kernel: EpochKernel;
  readonly slog: SlogWriter;
  readonly log: (line: string) => void;
  readonly setVerbose: (on: boolean) => void;
}

export const makeController = ({
  kernel,
  slog,
  log,
  setVerbose,
}: ControllerPorts): SwingsetController => {
  const { alone, now } = makeTurnstile();

  const queue = (
    target: ObjectKRef | PromiseKRef,
    method: string | symbol,
    args: readonly unknown[],
    given: HostResultPolicy,
  ): PromiseKRef | undefined => {
    const policy = checkPolicy(given);
    if (policy === 'none') {
      kernel.castToKref(target, method, checkArgs(args));
      return undefined;
    }
    const kpid = kernel.queueToKref(target, method, checkArgs(args), policy);
    kernel.kpRegisterInterest(kpid);
    return kpid;
  };
  const rootOf = (vatName: string) => kernel.getRootObject(kernel.vatNameToID(vatName));

  return harden<SwingsetController>({
    run: policy => alone('run', () => kernel.run(policy)),
    step: () => alone('step', () => kernel.step()),
    // Also in the midst of a run: a host must be able to stop a kernel whose worker hangs.
    shutdown: () => kernel.shutdown(),

    queueToVatRoot: ((vatName: string, method, args = [], policy = 'ignore') =>
      now('queueToVatRoot', () =>
        queue(rootOf(vatName), method, args, policy),
      )) as SwingsetController['queueToVatRoot'],
    queueToVatObject: ((target: unknown, method, args = [], policy = 'ignore') =>
      now('queueToVatObject', () =>
        queue(targetOf(target), method, args, policy),
      )) as SwingsetController['queueToVatObject'],
    kpRegisterInterest: kpid =>
      now('kpRegisterInterest', () => kernel.kpRegisterInterest(parsePromiseKRef(kpid))),
    kpStatus: kpid => statusOf(kernel, kpid),
    kpResolution: (kpid, options = {}) => {
      insistKnownFields(options, ['incref']);
      return kernel.kpResolution(parsePromiseKRef(kpid), options);
    },

    validateAndInstallBundle: (given, alleged) =>
      alone('validateAndInstallBundle', async () => {
        const { bundle, bundleID } = await checkForeignBundle(given, 'bundle');
        if (alleged !== undefined && alleged !== bundleID) {
          throw new BadBundleError('bundle', `its ID is ${bundleID}, not ${alleged} as alleged`);
        }
        return kernel.installBundle(bundleID, bundle);
      }),
    upgradeStaticVat: (vatName, shouldPauseFirst, bundleID, options = {}) =>
      now('upgradeStaticVat', () => {
        const vatID = kernel.vatNameToID(vatName);
        const id = parseBundleID(bundleID);
        const given = { upgradeMessage: `vat ${vatName} upgraded`, ...options };
        const kpid = kernel.upgradeStaticVat(vatID, shouldPauseFirst, id, given);
        kernel.kpRegisterInterest(kpid);
        return kpid;
      }),
    terminateVat: (vatID, reason) =>
      now('terminateVat', () =>
        kernel.terminateVat(parseVatID(vatID), checkCapData(reason, 'reason')),
      ),
    resetAllMeters: remaining => now('resetAllMeters', () => kernel.resetAllMeters(remaining)),
    reapAllVats: previousVatPos => now('reapAllVats', () => kernel.reapAllVats(previousVatPos)),
    snapshotAllVats: () => alone('snapshotAllVats', () => kernel.snapshotAllVats()),
    resumeVat: vatID => alone('resumeVat', () => kernel.resumeVat(parseVatID(vatID))),
    suspendVat: vatID => alone('suspendVat', () => kernel.suspendVat(parseVatID(vatID))),
    pauseVat: vatID => now('pauseVat', () => kernel.pauseVat(parseVatID(vatID))),
    unpauseVat: vatID => now('unpauseVat', () => kernel.unpauseVat(parseVatID(vatID))),
    injectQueuedUpgradeEvents: () =>
      now('injectQueuedUpgradeEvents', () => kernel.injectQueuedUpgradeEvents()),
    changeKernelOptions: options =>
      now('changeKernelOptions', () => kernel.changeKernelOptions(options)),

    pinVatRoot: vatName =>
      now('pinVatRoot', () => {
        const kref = rootOf(vatName);
        kernel.pinObject(kref);
        return kref;
      }),
    vatNameToID: vatName => kernel.vatNameToID(vatName),
    deviceNameToID: deviceName => kernel.deviceNameToID(deviceName),
    getRootObject: vatID => kernel.getRootObject(parseVatID(vatID)),

    getActivityhash: () => kernel.getActivityhash(),
    getStats: () => kernel.getStats(),
    getStatus: () => kernel.getStatus(),
    dump: () => kernel.dump(),
    getPlatformEpoch: () => kernel.getPlatformEpoch(),
    getEpochLedger: () => kernel.getEpochLedger(),
    getPlatformRestartReport: () => kernel.getPlatformRestartReport(),

    log,
    writeSlogObject: slog.write,
    slogDuration: slog.duration,
    verboseDebugMode: setVerbose,
    debug: {
      addDeviceHook: (deviceName, hookName, hook) =>
        now('debug.addDeviceHook', () => kernel.addDeviceHook(deviceName, hookName, hook)),
    },
  });
};
