/**
 * The port between kernel and devices. A device is host-side code with its own c-list. It uses
 * vrefs (`o-10` is a vat's object, `d+0` its root node), and the kernel translates.
 */
import type { VRef } from '../types/ids.js';
import type { CapData, SyscallResult } from '../types/messages.js';

/** What a device may ask of the kernel, during a call or between cranks. */
export interface DeviceSyscall {
  /** Queues a message without a result; `methargs` is the marshalled `[method, args]`. */
  sendOnly(target: VRef, methargs: CapData<VRef>): void;
  vatstoreGet(key: string): string | undefined;
  vatstoreSet(key: string, value: string): void;
  vatstoreDelete(key: string): void;
  vatstoreGetNextKey(priorKey: string): string | undefined;
  /** Calls a hook that the kernel or the host (`debug.addDeviceHook`) added to this device. */
  callKernelHook(hookName: string, args: CapData<VRef>): CapData<VRef>;
}

/** A started device, as the kernel calls it. */
export interface DeviceRuntime {
  /** Executes a vat's `callNow`, synchronously. Never throws for a device's fault. */
  invoke(target: VRef, method: string, args: CapData<VRef>): SyscallResult<VRef>;
  /**
   * The result of a call that changes nothing and always returns the same, such as the content of a
   * bundle. Undefined for any other call, and for one that fails. The kernel may ask at any time,
   * even during another vat's crank.
   */
  readImmutable?(target: VRef, method: string): CapData<VRef> | undefined;
  /**
   * Says whether the store keeps (`true`) or undoes (`false`) what the device did since the last
   * `settle`. If undone, the device must forget what it remembers in RAM.
   */
  settle?(kept: boolean): void;
  /** False if the device keeps no object beyond the call that passed it. */
  readonly keepsObjects?: false;
}

export interface DeviceStartOptions {
  readonly deviceID: string;
  readonly name: string;
  /** From the host: `deviceEndowments[name]`. */
  readonly endowments: unknown;
  /** From the configuration: `devices.<name>.parameters`. */
  readonly deviceParameters: unknown;
  readonly syscall: DeviceSyscall;
  /** What `setDeviceState` last saved. */
  readonly state: {
    get(): CapData<VRef> | undefined;
    set(value: CapData<VRef>): void;
  };
  readonly testLog: (...args: unknown[]) => void;
}

/**
 * The function behind `callKernelHook`. Arguments and result are in krefs; the kernel translates.
 */
export type DeviceHook = (args: CapData) => CapData;
