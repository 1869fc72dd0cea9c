/**
 * The messages between kernel and worker in both forms: `Delivery<KRef>` uses the kernel's
 * references, `Delivery<VRef>` those of one vat. Shapes are those of stock liveslots.
 */
import type { KRef, VRef } from './ids.js';

/** Marshalled data: a body in smallcaps or capdata JSON, and the references that it indexes. */
export interface CapData<Ref extends string = string> {
  readonly body: string;
  readonly slots: readonly Ref[];
}

export interface Message<Ref extends string> {
  /** Marshalled `[method, args]`. */
  readonly methargs: CapData<Ref>;
  /** The promise for the result. None for `sendOnly`. */
  readonly result?: Ref | null | undefined;
}

/** `[promise, isRejection, data]` */
export type Resolution<Ref extends string> = readonly [Ref, boolean, CapData<Ref>];

export type Delivery<Ref extends string> =
  | readonly ['message', Ref, Message<Ref>]
  | readonly ['notify', readonly Resolution<Ref>[]]
  | readonly ['dropExports', readonly Ref[]]
  | readonly ['retireExports', readonly Ref[]]
  | readonly ['retireImports', readonly Ref[]]
  | readonly ['changeVatOptions', Readonly<Record<string, unknown>>]
  | readonly ['startVat', CapData<Ref>]
  | readonly ['bringOutYourDead'];
export type KernelDelivery = Delivery<KRef>;
export type VatDelivery = Delivery<VRef>;

export type Syscall<Ref extends string> =
  | readonly ['send', Ref, Message<Ref>]
  | readonly ['callNow', Ref, string, CapData<Ref>]
  | readonly ['subscribe', Ref]
  | readonly ['resolve', readonly Resolution<Ref>[]]
  | readonly ['exit', boolean, CapData<Ref>]
  | readonly ['vatstoreGet', string]
  | readonly ['vatstoreGetNextKey', string]
  | readonly ['vatstoreSet', string, string]
  | readonly ['vatstoreDelete', string]
  | readonly ['dropImports', readonly Ref[]]
  | readonly ['retireImports', readonly Ref[]]
  | readonly ['retireExports', readonly Ref[]]
  | readonly ['abandonExports', readonly Ref[]];
export type KernelSyscall = Syscall<KRef>;
export type VatSyscall = Syscall<VRef>;

/** The result of a syscall: `['ok', data]`, or `['error', problem]`, which throws in the vat. */
export type SyscallResult<Ref extends string> =
  readonly ['ok', CapData<Ref> | string | null] | readonly ['error', string];
export type VatSyscallResult = SyscallResult<VRef>;
export type VatSyscallHandler = (syscall: VatSyscall) => VatSyscallResult;

/** Computrons used by a delivery. Only workers that meter (xsnap) report it. */
export interface MeterUsage {
  readonly compute: number;
}

/** A worker's result of one delivery. */
export type VatDeliveryResult =
  readonly ['ok', null, MeterUsage | null] | readonly ['error', string, MeterUsage | null];
