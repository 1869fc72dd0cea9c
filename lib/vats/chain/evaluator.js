// @ts-check
/** Evaluates the code of proposals, with the powers that their permits name. */
import { E, Far } from '@endo/far';

/** @param {unknown} value */
const isRecord = value => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The part of `value` that permits name: `true` for all of it, or a record of permits by field.
 *
 * @param {any} value
 * @param {any} permits
 * @param {string} path
 * @returns {any}
 */
const pick = (value, permits, path) => {
  if (permits === true) return value;
  if (!isRecord(permits)) throw TypeError(`${path}: a permit must be true or a record`);
  const picked = Object.entries(permits).map(([name, inner]) => {
    if (!isRecord(value) || !Object.hasOwn(value, name)) {
      throw RangeError(`${path}: there is no power ${JSON.stringify(name)}`);
    }
    return [name, pick(value[name], inner, `${path}.${name}`)];
  });
  return harden(Object.fromEntries(picked));
};

/**
 * @param {object} ports
 * @param {Record<string, unknown>} ports.tools globals of the code, beside `E` and `Far`
 * @param {() => Record<string, unknown>} ports.getPowers
 */
export const makeEvaluator = ({ tools, getPowers }) => {
  /**
   * Evaluates a function expression, calls it with the powers, and returns its result.
   *
   * @param {string} code
   * @param {unknown} [permits] default: all powers
   */
  return async (code, permits = true) => {
    const powers = pick(harden(getPowers()), permits, 'permits');
    const compartment = new Compartment(harden({ E, Far, assert, console, harden, ...tools }));
    const propose = compartment.evaluate(`(${code}\n)`);
    if (typeof propose !== 'function') throw TypeError('the code must be a function expression');
    return propose(powers);
  };
};
harden(makeEvaluator);
