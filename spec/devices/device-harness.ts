/**
 * A kernel's port to one device, driven by hand: the vatstore, the saved state and the queue are
 * plain data that outlive a process, so that a spec can start the device again.
 */
import { bundleTestExports } from '@endo/import-bundle';
import { startDevice } from '../../lib/devices/device-runtime.js';
import type { DeviceRuntime, DeviceSyscall } from '../../lib/devices/types.js';
import type { Bundle } from '../../lib/store/types.js';
import type { VRef } from '../../lib/types/ids.js';
import type { CapData, SyscallResult } from '../../lib/types/messages.js';

export type Data = CapData<VRef>;
export type Hook = (args: Data) => Data;

/** What a kernel keeps of one device. */
export interface DeviceLife {
  readonly vatstore: Map<string, string>;
  state: Data | undefined;
  readonly sent: [target: string, methargs: Data][];
  readonly testLog: unknown[][];
  /** What the device runtime reported to the operator. */
  readonly reports: unknown[][];
  readonly hooks: Record<string, Hook>;
}

export const makeDeviceLife = (hooks: Record<string, Hook> = {}): DeviceLife => ({
  vatstore: new Map(),
  state: undefined,
  sent: [],
  testLog: [],
  reports: [],
  hooks,
});

const makeSyscall = ({ vatstore, sent, hooks }: DeviceLife): DeviceSyscall => ({
  sendOnly: (target, methargs) => void sent.push([target, methargs]),
  vatstoreGet: key => vatstore.get(key),
  vatstoreSet: (key, value) => void vatstore.set(key, value),
  vatstoreDelete: key => void vatstore.delete(key),
  vatstoreGetNextKey: prior => [...vatstore.keys()].sort().find(key => key > prior),
  callKernelHook: (name, args) => {
    const hook = hooks[name];
    if (!hook) throw Error(`no hook ${name}`);
    return hook(args);
  },
});

export interface StartOptions {
  readonly name?: string;
  readonly endowments?: unknown;
  readonly deviceParameters?: unknown;
}

/** Starts a device in this process on what is kept of it. */
export const start = (
  life: DeviceLife,
  bundle: Bundle | undefined,
  { name = 'dev', endowments, deviceParameters }: StartOptions = {},
): Promise<DeviceRuntime> => {
  const report = (...args: unknown[]): void => void life.reports.push(args);
  return startDevice(
    bundle,
    {
      deviceID: 'd7',
      name,
      endowments,
      deviceParameters,
      syscall: makeSyscall(life),
      state: {
        get: () => life.state,
        set: value => {
          life.state = value;
        },
      },
      testLog: (...args) => void life.testLog.push(args),
    },
    { console: { debug: report, log: report, info: report, warn: report, error: report } },
  );
};

/** A device's code given as exports, without bundling. */
export const asBundle = (exports: Record<string, unknown>): Bundle => bundleTestExports(exports);

/** Plain smallcaps of JSON data, with references by index as `$0`, `$1.Alleged: x`. */
export const data = (value: unknown, ...slots: string[]): Data => ({
  body: `#${JSON.stringify(value)}`,
  slots: slots as VRef[],
});

/** Calls the device as a vat's `D(node).method(...args)` does. */
export const call = (
  device: DeviceRuntime,
  method: string,
  args: Data = data([]),
  target = 'd+0',
): SyscallResult<VRef> => device.invoke(target as VRef, method, args);

export const ok = (value: unknown, ...slots: string[]): unknown => ['ok', data(value, ...slots)];
export const failed = ['error', 'device.invoke failed, see logs for details'];
