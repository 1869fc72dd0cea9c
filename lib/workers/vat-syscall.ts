/** The `syscall` object that liveslots and setup vats use, on top of a syscall handler. */
import type {
  CapData,
  Message,
  Resolution,
  VatSyscall,
  VatSyscallHandler,
} from '../types/messages.js';
import type { VRef } from '../types/ids.js';

/** @throws (each method) if the kernel answers `['error', problem]`. */
export const makeVatSyscall = (handle: VatSyscallHandler) => {
  const call = (syscall: VatSyscall) => {
    const [status, answer] = handle(harden(syscall));
    if (status === 'error') throw Error(`syscall.${syscall[0]} failed: ${answer}`);
    return answer;
  };
  return harden({
    send: (target: VRef, methargs: CapData<VRef>, result?: VRef) =>
      call(['send', target, { methargs, result } satisfies Message<VRef>]),
    subscribe: (vpid: VRef) => call(['subscribe', vpid]),
    resolve: (resolutions: readonly Resolution<VRef>[]) => call(['resolve', resolutions]),
    exit: (isFailure: boolean, info: CapData<VRef>) => call(['exit', isFailure, info]),
    dropImports: (vrefs: readonly VRef[]) => call(['dropImports', vrefs]),
    retireImports: (vrefs: readonly VRef[]) => call(['retireImports', vrefs]),
    retireExports: (vrefs: readonly VRef[]) => call(['retireExports', vrefs]),
    abandonExports: (vrefs: readonly VRef[]) => call(['abandonExports', vrefs]),
    callNow: (target: VRef, method: string, args: CapData<VRef>) =>
      call(['callNow', target, method, args]),
    vatstoreGet: (key: string) => call(['vatstoreGet', key]) ?? undefined,
    vatstoreGetNextKey: (priorKey: string) => call(['vatstoreGetNextKey', priorKey]),
    vatstoreSet: (key: string, value: string) => call(['vatstoreSet', key, value]),
    vatstoreDelete: (key: string) => call(['vatstoreDelete', key]),
  });
};

export type VatSyscallObject = ReturnType<typeof makeVatSyscall>;
