/**
 * Runs the vat-admin vat's own bundle on stock liveslots in this process: a vatstore that outlives
 * incarnations, the device calls answered by the spec, all other syscalls recorded.
 */
import { makeLiveSlots } from '@agoric/swingset-liveslots';
import { kser } from '@agoric/kmarshal';
import bundleSource from '@endo/bundle-source';
import { importBundle } from '@endo/import-bundle';
import { vatSourcePath } from '../../lib/package-paths.js';

export interface CapDataLike {
  body: string;
  slots: string[];
}
export type SyscallTuple = readonly unknown[];
/** Answers `callNow`: `['ok', capdata]` or `['error', text]`. */
export type Device = (target: string, method: string, args: CapDataLike) => readonly unknown[];

const bundle = bundleSource(vatSourcePath('vat-admin/vat-vat-admin.js'));

const quiescence = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

// nothing here is metered: the object answers as liveslots' interface wants
const makeMeterControl = (): object => ({
  isMeteringDisabled: () => true,
  assertIsMetered: () => undefined,
  assertNotMetered: () => undefined,
  runWithoutMetering: (thunk: () => unknown): unknown => thunk(),
  runWithoutMeteringAsync: async (thunk: () => unknown): Promise<unknown> => thunk(),
  unmetered: <F>(f: F): F => f,
});

const makeVatstore = (store: Map<string, string>): Record<string, unknown> => ({
  vatstoreGet: (key: string) => store.get(key),
  vatstoreSet: (key: string, value: string) => void store.set(key, value),
  vatstoreDelete: (key: string) => void store.delete(key),
  vatstoreGetNextKey: (prior: string) => [...store.keys()].sort().find(key => key > prior),
});

export interface RunningVat {
  /** Makes one delivery; gives the syscalls that are neither vatstore nor GC. */
  deliver(delivery: readonly unknown[]): Promise<SyscallTuple[]>;
  /** A message with `[method, args]` in kernel form; gives the syscalls. */
  send(
    target: string,
    method: string,
    args: readonly unknown[],
    result?: string,
  ): Promise<SyscallTuple[]>;
}

/** Starts an incarnation on what is in the store. */
export const startIncarnation = async (
  store: Map<string, string>,
  device: Device,
): Promise<RunningVat> => {
  let syscalls: SyscallTuple[] = [];
  const record =
    (name: string) =>
    (...args: unknown[]): void =>
      void syscalls.push([name, ...args]);
  const syscall = {
    ...makeVatstore(store),
    send: (target: string, methargs: CapDataLike, result?: string) =>
      void syscalls.push(['send', target, { methargs, result }]),
    subscribe: record('subscribe'),
    resolve: record('resolve'),
    exit: record('exit'),
    // when these happen depends on this process's garbage collection
    dropImports: () => undefined,
    retireImports: () => undefined,
    retireExports: () => undefined,
    abandonExports: () => undefined,
    callNow(target: string, method: string, args: CapDataLike): unknown {
      syscalls.push(['callNow', target, method, args]);
      const [status, answer] = device(target, method, args);
      if (status !== 'ok') throw Error(`syscall.callNow failed: ${String(answer)}`);
      return answer;
    },
  };
  const silent = { debug() {}, log() {}, info() {}, warn() {}, error() {} };
  const gcTools = {
    WeakRef,
    FinalizationRegistry,
    waitUntilQuiescent: quiescence,
    gcAndFinalize: quiescence,
    meterControl: makeMeterControl(),
  };
  const source = await bundle;
  const { dispatch } = makeLiveSlots(
    syscall,
    'v2',
    {},
    {},
    gcTools,
    silent,
    (endowments: object, inescapableGlobalProperties: object) =>
      importBundle(source, {
        endowments: { ...endowments, console: silent, assert },
        inescapableGlobalProperties,
      }),
  ) as { dispatch: (delivery: readonly unknown[]) => Promise<unknown> };

  const deliver = async (delivery: readonly unknown[]): Promise<SyscallTuple[]> => {
    syscalls = [];
    await dispatch(harden(delivery));
    await quiescence();
    return syscalls;
  };
  await deliver(['startVat', kser({})]);
  return {
    deliver,
    send: (target, method, args, result) =>
      deliver(['message', target, { methargs: kser([method, args]), result }]),
  };
};
