/** The `syscall` object of liveslots, on top of the port. */
import { insistVatSyscallObject, insistVatSyscallResult } from '@agoric/swingset-liveslots';

/**
 * @param {ReturnType<import('./port.js').makePort>} port
 */
export const makeSyscall = port => {
  /** Makes a syscall and returns the kernel's data. The kernel may end the worker instead. */
  const make = (...syscall) => {
    insistVatSyscallObject(syscall);
    const answer = port.call(['syscall', syscall]);
    insistVatSyscallResult(answer);
    const [status, data] = answer;
    if (status === 'error') throw Error(`syscall.${syscall[0]} failed: ${data}`);
    return data;
  };
  return harden({
    send: (target, methargs, result) => make('send', target, { methargs, result }),
    subscribe: vpid => make('subscribe', vpid),
    resolve: resolutions => make('resolve', resolutions),
    exit: (isFailure, info) => make('exit', isFailure, info),
    dropImports: vrefs => make('dropImports', vrefs),
    retireImports: vrefs => make('retireImports', vrefs),
    retireExports: vrefs => make('retireExports', vrefs),
    abandonExports: vrefs => make('abandonExports', vrefs),
    callNow: (target, method, args) => make('callNow', target, method, args),
    vatstoreGet: key => make('vatstoreGet', key) ?? undefined,
    vatstoreGetNextKey: priorKey => make('vatstoreGetNextKey', priorKey),
    vatstoreSet: (key, value) => make('vatstoreSet', key, value),
    vatstoreDelete: key => make('vatstoreDelete', key),
  });
};
