/** The `syscall` object of liveslots, on top of the port. */
import { insistVatSyscallObject, insistVatSyscallResult } from '@agoric/swingset-liveslots';

/**
 * @param {ReturnType<import('./port.js').makePort>} port
 */
export const makeSyscall = port => {
  /** Makes a syscall and returns the kernel's data. The kernel may end the worker instead. */
  const ask = (...syscall) => {
    insistVatSyscallObject(syscall);
    const answer = port.ask(syscall);
    insistVatSyscallResult(answer);
    const [status, data] = answer;
    if (status === 'error') throw Error(`syscall.${syscall[0]} failed: ${data}`);
    return data;
  };
  /** Makes a syscall that has no data. As with `ask`, liveslots gets null. */
  const tell = (...syscall) => {
    insistVatSyscallObject(syscall);
    port.tell(syscall);
    return null;
  };
  return harden({
    send: (target, methargs, result) => tell('send', target, { methargs, result }),
    subscribe: vpid => tell('subscribe', vpid),
    resolve: resolutions => tell('resolve', resolutions),
    exit: (isFailure, info) => tell('exit', isFailure, info),
    dropImports: vrefs => tell('dropImports', vrefs),
    retireImports: vrefs => tell('retireImports', vrefs),
    retireExports: vrefs => tell('retireExports', vrefs),
    abandonExports: vrefs => tell('abandonExports', vrefs),
    callNow: (target, method, args) => ask('callNow', target, method, args),
    vatstoreGet: key => ask('vatstoreGet', key) ?? undefined,
    vatstoreGetNextKey: priorKey => ask('vatstoreGetNextKey', priorKey),
    vatstoreSet: (key, value) => tell('vatstoreSet', key, value),
    vatstoreDelete: key => tell('vatstoreDelete', key),
  });
};
