/** Consoles and the test log, which go to the kernel through the port. */
import { assert } from '@endo/errors';

const LEVELS = ['debug', 'log', 'info', 'warn', 'error'];

/**
 * Makes the console of a source, `'vat'` or `'ls'`. Lockdown's console, which knows the causes of
 * errors, turns the arguments into text and prints it with the global `print`. So that global
 * stands for the port while a line is printed.
 */
export const makeVatConsole = (port, source) => {
  const makePrinter = level => {
    const printText = console[level];
    assert.typeof(printText, 'function');
    const send = (...args) => port.send(['sourcedConsole', source, level, ...args]);
    return (...args) => {
      const { print } = globalThis;
      globalThis.print = send;
      try {
        printText(...args);
      } finally {
        globalThis.print = print;
      }
    };
  };
  return harden(Object.fromEntries(LEVELS.map(level => [level, makePrinter(level)])));
};

const KEPT_ENDS = 15;

/** Shortens the strings in a value of the test log, as SwingSet does. */
const shorten = (_key, value) => {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.length < 40) return value;
  return `${value.slice(0, KEPT_ENDS)}...${value.slice(-KEPT_ENDS)}`;
};

/** Makes `vatPowers.testLog`. */
export const makeTestLog =
  port =>
  (...args) =>
    port.send([
      'testLog',
      ...args.map(arg => (typeof arg === 'string' ? arg : JSON.stringify(arg, shorten))),
    ]);
