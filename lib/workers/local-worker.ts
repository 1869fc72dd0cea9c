/**
 * A vat in a compartment of this process. It runs stock liveslots, or a `setup` function that takes
 * deliveries and makes syscalls itself (`enableSetup`).
 *
 * Boundary: that of `xsnap-worker.ts`, but without metering (usage is null) and without snapshots.
 * For trusted code only: nothing stops a loop in a local vat.
 */
import { importBundle } from '@endo/import-bundle';
import { makeLiveSlots } from '@agoric/swingset-liveslots';
import { findWithheldGlobals } from '../endo-environment/withheld-globals.js';
import type { Bundle } from '../store/types.js';
import type { VatID } from '../types/ids.js';
import type {
  VatDelivery,
  VatSyscall,
  VatSyscallHandler,
  VatSyscallResult,
} from '../types/messages.js';
import { makeGcTools } from './gc-tools.js';
import { logText, thrownText } from './log-text.js';
import { makeStillborn } from './stillborn.js';
import type { LiveSlotsOptions, Worker, WorkerOutput } from './types.js';
import { makeVatSyscall, type VatSyscallObject } from './vat-syscall.js';

export interface LocalWorkerOptions {
  readonly vatID: VatID;
  readonly bundle: Bundle;
  readonly enableSetup: boolean;
  readonly liveSlotsOptions: LiveSlotsOptions;
  readonly output: WorkerOutput;
}

type Dispatch = (delivery: VatDelivery) => unknown;

/**
 * The `setup` function of a setup vat. It returns the vat's dispatcher. `state` is always
 * undefined: such a vat keeps what it must remember in its vatstore.
 */
type Setup = (
  syscall: VatSyscallObject,
  state: undefined,
  helpers: { readonly vatID: VatID },
  vatPowers: object,
  vatParameters: undefined,
) => Dispatch;

type Namespace = Readonly<Record<string, unknown>>;

const makeVatConsole = (source: string, output: WorkerOutput) => {
  const printer =
    (level: string) =>
    (...args: unknown[]): void => {
      output.console(source, level, args);
    };
  return harden({
    debug: printer('debug'),
    log: printer('log'),
    info: printer('info'),
    warn: printer('warn'),
    error: printer('error'),
  });
};

/** Globals of a vat's compartment, beyond those that `importBundle` provides. */
const makeEndowments = (output: WorkerOutput): Record<string, unknown> => ({
  console: makeVatConsole('vat', output),
  assert: globalThis.assert,
  HandledPromise: (globalThis as { HandledPromise?: unknown }).HandledPromise,
});

const findSetup = (namespace: Namespace): Setup | undefined => {
  const setup = namespace.setup ?? namespace.default;
  return typeof setup === 'function' ? (setup as Setup) : undefined;
};

/** Syscalls that a vat makes for their result. */
const isQuestion = ([type]: VatSyscall): boolean =>
  type === 'callNow' || type === 'vatstoreGet' || type === 'vatstoreGetNextKey';

/**
 * Passes syscalls on, but only during a delivery.
 *
 * If the kernel throws in a syscall, the delivery fails with that error and the vat's further
 * syscalls have no effect. Questions throw. Other syscalls seem to succeed, because liveslots makes
 * many of them where nothing catches, and an unhandled rejection would end the host's process
 * before the kernel can stop.
 */
const makeSyscallPort = () => {
  let current: VatSyscallHandler | undefined;
  let failure: { readonly error: unknown } | undefined;
  return {
    handle: (syscall: VatSyscall): VatSyscallResult => {
      if (!failure && !current) throw Error('syscall outside of a delivery');
      try {
        if (!failure && current) return current(syscall);
      } catch (error) {
        failure = { error };
      }
      if (isQuestion(syscall)) throw failure?.error;
      return ['ok', null];
    },
    during: async <T>(handler: VatSyscallHandler, run: () => Promise<T>): Promise<T> => {
      current = handler;
      try {
        const result = await run();
        if (failure) throw failure.error;
        return result;
      } finally {
        current = undefined;
      }
    },
  };
};

/** Starts a vat. If its code or its `setup` throws, the first delivery fails (`stillborn.ts`). */
export const startLocalWorker = async (options: LocalWorkerOptions): Promise<Worker> => {
  const { vatID, bundle, enableSetup, liveSlotsOptions, output } = options;
  const port = makeSyscallPort();
  const syscall = makeVatSyscall(port.handle);
  const vatPowers = harden({
    testLog: (...args: unknown[]) => {
      output.testLog(args.map(logText));
    },
  });

  const importVat = async (
    endowments: Record<string, unknown>,
    inescapableGlobalProperties: Record<string, unknown>,
  ): Promise<Namespace> => {
    const importOptions = {
      endowments: { ...makeEndowments(output), ...endowments },
      // Inescapable: compartments that the vat makes have them as well.
      inescapableGlobalProperties: { ...findWithheldGlobals(), ...inescapableGlobalProperties },
    };
    return (await importBundle(bundle, importOptions)) as Namespace;
  };

  const makeDispatch = async (): Promise<Dispatch> => {
    if (enableSetup) {
      const setup = findSetup(await importVat({}, {}));
      if (!setup) throw Error('vat source bundle lacks (default) setup() function');
      return setup(syscall, undefined, harden({ vatID }), vatPowers, undefined);
    }
    const { enableDisavow, relaxDurabilityRules } = liveSlotsOptions;
    const liveSlots: unknown = makeLiveSlots(
      syscall,
      vatID,
      vatPowers,
      { enableDisavow, relaxDurabilityRules },
      makeGcTools(),
      makeVatConsole('ls', output),
      importVat,
    );
    return (liveSlots as { dispatch: Dispatch }).dispatch;
  };
  let dispatch: Dispatch;
  try {
    dispatch = await makeDispatch();
  } catch (error) {
    output.console('ls', 'error', ['the vat can not be set up:', error]);
    return makeStillborn(thrownText(error));
  }

  return {
    deliver: async (delivery, handleSyscall) =>
      port.during(handleSyscall, async () => {
        try {
          await dispatch(harden(delivery));
          return ['ok', null, null] as const;
        } catch (error) {
          output.console('ls', 'warn', [`delivery ${delivery[0]} failed:`, error]);
          return ['error', thrownText(error), null] as const;
        }
      }),
    shutdown: async () => {},
  };
};
