// @ts-check
/** Evaluates the code of a proposal. */
import { E } from '@endo/far';

/**
 * Evaluates a function expression, calls it with the powers, and returns its result.
 *
 * @param {string} code
 * @param {object} environment
 * @param {Record<string, unknown>} environment.powers
 * @param {Record<string, unknown>} environment.tools globals, beside those of every proposal
 */
export const evaluate = (code, { powers, tools }) => {
  const compartment = new Compartment(harden({ E, assert, console, harden, ...tools }));
  const propose = compartment.evaluate(`(${code}\n)`);
  if (typeof propose !== 'function') throw TypeError('the code must be a function expression');
  return propose(powers);
};
harden(evaluate);
