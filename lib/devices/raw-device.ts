/**
 * Raw devices: code that handles vrefs and capdata itself, for nodes that must outlive the process.
 * The module exports `buildDevice(tools, endowments)`, which returns `{ invoke }`.
 */
import type { VRef } from '../types/ids.js';
import type { CapData, SyscallResult } from '../types/messages.js';
import { DeviceStartError } from './errors.js';
import type { DeviceStartOptions, DeviceSyscall } from './types.js';

export interface RawDeviceTools {
  readonly syscall: DeviceSyscall;
}

export interface RawDevice {
  /** Returns `['ok', capdata]` or `['error', text]`. The vat gets the text unchanged. */
  invoke(target: VRef, method: string, args: CapData<VRef>): SyscallResult<VRef>;
  /** See `DeviceRuntime`. It may throw if there is no answer. */
  readImmutable?(target: VRef, method: string): SyscallResult<VRef> | undefined;
  /** See `DeviceRuntime`. */
  settle?(kept: boolean): void;
}

export type BuildDevice = (tools: RawDeviceTools, endowments: unknown) => RawDevice;

const isCapData = (value: unknown): value is CapData<VRef> => {
  const { body, slots } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof body === 'string' &&
    Array.isArray(slots) &&
    slots.every(slot => typeof slot === 'string')
  );
};

/** @throws TypeError for anything but a syscall result */
const insistSyscallResult = (result: unknown): SyscallResult<VRef> => {
  if (Array.isArray(result)) {
    const [status, value] = result as unknown[];
    if (status === 'ok' && isCapData(value)) return ['ok', value];
    if (status === 'error' && typeof value === 'string') return ['error', value];
  }
  throw new TypeError('a raw device must return ["ok", capdata] or ["error", text]');
};

/** @throws DeviceStartError when `buildDevice` returns something without `invoke` */
export const startRawDevice = (
  buildDevice: BuildDevice,
  options: DeviceStartOptions,
): RawDevice => {
  const { syscall, endowments, name } = options;
  const device: unknown = buildDevice(Object.freeze({ syscall }), endowments);
  const { invoke, readImmutable } = (device ?? {}) as Partial<RawDevice>;
  if (typeof invoke !== 'function') {
    throw new DeviceStartError(name, 'buildDevice must return an object with invoke()');
  }
  return {
    invoke: (target, method, args) =>
      insistSyscallResult(Reflect.apply(invoke, device, [target, method, harden(args)])),
    ...(typeof readImmutable === 'function' && {
      readImmutable: (target: VRef, method: string) => {
        const result: unknown = Reflect.apply(readImmutable, device, [target, method]);
        return result === undefined ? undefined : insistSyscallResult(result);
      },
    }),
  };
};
