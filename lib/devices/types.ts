/**
 * The port between kernel and devices. A device is host-side code with c-lists of its own; it
 * speaks vrefs (`o-10` a vat's object, `d+0` its root node), the kernel translates.
 */
import type { VRef } from '../types/ids.js';
import type { CapData, SyscallResult } from '../types/messages.js';

/** What a device may ask of the kernel, at any time, also between cranks. */
export interface DeviceSyscall {
  /** Queues a message without a result; `methargs` is the marshalled `[method, args]`. */
  sendOnly(target: VRef, methargs: CapData<VRef>): void;
  vatstoreGet(key: string): string | undefined;
  vatstoreSet(key: string, value: string): void;
  vatstoreDelete(key: string): void;
  vatstoreGetNextKey(priorKey: string): string | undefined;
  /** Calls a hook that kernel or host attached to this device (`debug.addDeviceHook`). */
  callKernelHook(hookName: string, args: CapData<VRef>): CapData<VRef>;
}

/** A started device, as the kernel calls it. */
export interface DeviceRuntime {
  /** Runs a `callNow` of some vat to the end, synchronously. Never throws for a device's fault. */
  invoke(target: VRef, method: string, args: CapData<VRef>): SyscallResult<VRef>;
  /**
   * The answer to a call that changes nothing and is answered alike for ever, such as what is in a
   * bundle; undefined for any other call, and for one that fails. It may come at any time, also in
   * the midst of another vat's crank.
   */
  readImmutable?(target: VRef, method: string): CapData<VRef> | undefined;
  /**
   * What the device did since the last call is kept, or undone in the store (`false`), and then it
   * must forget what it keeps of it in memory.
   */
  settle?(kept: boolean): void;
  /** False: when a call is over, the device has forgotten the objects that it was given. */
  readonly keepsObjects?: false;
}

export interface DeviceStartOptions {
  readonly deviceID: string;
  readonly name: string;
  /** What the host handed over for this device in `deviceEndowments[name]`. */
  readonly endowments: unknown;
  /** From the configuration: `devices.<name>.parameters`. */
  readonly deviceParameters: unknown;
  readonly syscall: DeviceSyscall;
  /** `dNN.deviceState`: what `setDeviceState` saved last. */
  readonly state: {
    get(): CapData<VRef> | undefined;
    set(value: CapData<VRef>): void;
  };
  readonly testLog: (...args: unknown[]) => void;
}

/** What `callKernelHook` reaches: args and result are in krefs, the kernel translates. */
export type DeviceHook = (args: CapData) => CapData;
