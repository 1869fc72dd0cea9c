// @ts-check
/** What the permits of a proposal leave of the powers. */

/** @param {unknown} value */
const isRecord = value => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The part of `value` that permits name: `true` for all of it, or a record of permits by field.
 *
 * @param {any} value
 * @param {any} permits
 * @param {string} [path]
 * @returns {any}
 */
export const pick = (value, permits, path = 'permits') => {
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
harden(pick);
