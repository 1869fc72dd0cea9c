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
  /** @type {(...values: readonly unknown[]) => void} */
  const spend = (...values) => {
    characters = values.reduce(
      (/** @type {number} */ sum, each) => sum + lengthOf(each),
      characters,
    );
    characters += OVERHEAD;
  };

  /** @type {Syscall} */
  const counted = {
    send: (target, methargs, result) => {
      spend(target, methargs, result);
      syscall.send(target, methargs, result);
    },
    subscribe: vpid => {
      spend(vpid);
      syscall.subscribe(vpid);
    },
    resolve: resolutions => {
      spend(resolutions);
      syscall.resolve(resolutions);
    },
    dropImports: vrefs => {
      spend(vrefs);
      syscall.dropImports(vrefs);
    },
    retireImports: vrefs => {
      spend(vrefs);
      syscall.retireImports(vrefs);
    },
    retireExports: vrefs => {
      spend(vrefs);
      syscall.retireExports(vrefs);
    },
    vatstoreGet: key => {
      const value = syscall.vatstoreGet(key);
      spend(key, value);
      return value;
    },
    vatstoreSet: (key, value) => {
      spend(key, value);
      syscall.vatstoreSet(key, value);
    },
    vatstoreDelete: key => {
      spend(key);
      syscall.vatstoreDelete(key);
    },
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
