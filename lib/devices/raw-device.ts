/**
 * Raw devices: code that handles vrefs and capdata itself, for nodes that must outlive the process.
 * The module exports `buildDevice(tools, endowments)` and returns `{ invoke }`.
 */
import type { VRef } from '../types/ids.js';
import type { CapData, SyscallResult } from '../types/messages.js';
import { DeviceStartError } from './errors.js';
import type { DeviceStartOptions, DeviceSyscall } from './types.js';

export interface RawDeviceTools {
  readonly syscall: DeviceSyscall;
}

/** Answers one call: `['ok', capdata]`, or `['error', text]`, which the vat sees as it is. */
export interface RawDevice {
  invoke(target: VRef, method: string, args: CapData<VRef>): SyscallResult<VRef>;
  /** See `DeviceRuntime`; it may throw where there is no answer. */
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

/** @throws TypeError when a device answered something else than a syscall result. */
const insistSyscallResult = (result: unknown): SyscallResult<VRef> => {
  if (Array.isArray(result)) {
    const [status, value] = result as unknown[];
    if (status === 'ok' && isCapData(value)) return ['ok', value];
    if (status === 'error' && typeof value === 'string') return ['error', value];
  }
  throw new TypeError('a raw device must return ["ok", capdata] or ["error", text]');
};

/** @throws DeviceStartError when `buildDevice` gives something without `invoke`. */
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
