import type { OptionProblem } from './errors.js';
import { quoteValue } from '../errors.js';

const isPlainObject = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

/** Deeper than any parameters need, and far from overflowing the stack of what marshals them. */
export const MAX_JSON_DEPTH = 200;

/**
 * A deep copy of JSON data, so that the caller's object is neither kept nor frozen. Leaves out
 * fields that are undefined. Calls `report`, with the path, for anything that is not JSON data.
 */
export const jsonCopy = (
  value: unknown,
  field: string,
  report: (problem: OptionProblem) => void,
  depth = 0,
): unknown => {
  if (depth > MAX_JSON_DEPTH) {
    const expected = `JSON data at most ${MAX_JSON_DEPTH} levels deep`;
    // The whole path would be as long as the data is deep.
    const at = `${field
      .split(/(?=[.[])/)
      .slice(0, 8)
      .join('')}…`;
    report({ field: at, value: undefined, expected, message: `${at}: expected ${expected}` });
    return null;
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => jsonCopy(item, `${field}[${index}]`, report, depth + 1));
  }
  if (typeof value === 'object' && isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .map(([name, inner]) => [name, jsonCopy(inner, `${field}.${name}`, report, depth + 1)]),
    );
  }
  const expected = 'JSON data';
  const message = `${field}: expected ${expected}, got ${quoteValue(value)}`;
  report({ field, value, expected, message });
  return null;
};
