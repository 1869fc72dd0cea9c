// @ts-check
/**
 * What one delivery may still cost. The kernel ends a vat that says and reads too much in one
 * delivery (docs/limits.md), and whoever may talk to this vat decides how much work a delivery is. So
 * the vat counts, and what can wait, or can be refused, is left out in time.
 *
 * @import { Syscall } from './types.js'
 */

/** In characters, as the kernel counts them. What is under way may go on for a third of that more. */
const MAX_CHARACTERS = 80_000_000;

/** Objects and promises that are new to the kernel. */
const MAX_EXPORTS = 50_000;

/** Of a syscall besides its arguments, and of its result besides the value. */
const OVERHEAD = 50;

/** @type {(value: unknown) => number} */
const lengthOf = value => (JSON.stringify(value) ?? '').length;

/** @param {Syscall} syscall */
export const makeBudget = syscall => {
  let characters = 0;
  let exported = 0;
  /** @type {<Args extends unknown[], Result>(call: (...args: Args) => Result) => typeof call} */
  const counting =
    call =>
    (...args) => {
      const result = call(...args);
      for (const each of [...args, result]) characters += lengthOf(each);
      characters += OVERHEAD;
      return result;
    };

  /** @type {Syscall} */
  const counted = {
    send: counting((...args) => syscall.send(...args)),
    subscribe: counting(vpid => syscall.subscribe(vpid)),
    resolve: counting(resolutions => syscall.resolve(resolutions)),
    dropImports: counting(vrefs => syscall.dropImports(vrefs)),
    retireImports: counting(vrefs => syscall.retireImports(vrefs)),
    retireExports: counting(vrefs => syscall.retireExports(vrefs)),
    vatstoreGet: counting(key => syscall.vatstoreGet(key)),
    vatstoreSet: counting((...args) => syscall.vatstoreSet(...args)),
    vatstoreDelete: counting(key => syscall.vatstoreDelete(key)),
  };

  return harden({
    /** The syscalls, counted. */
    syscall: counted,
    /** The kernel gets a reference that it has not had. */
    noteExport() {
      exported += 1;
    },
    isSpent: () => characters > MAX_CHARACTERS || exported > MAX_EXPORTS,
  });
};

/** @typedef {ReturnType<typeof makeBudget>} Budget */
