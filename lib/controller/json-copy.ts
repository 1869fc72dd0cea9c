import type { OptionProblem } from './errors.js';
import { quoteValue } from '../errors.js';

const isPlainObject = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

/**
 * A deep copy of JSON data, so that the caller's object is neither kept nor frozen. Fields that
 * are undefined are left out. What is not JSON data goes to `report`, with its path.
 */
export const jsonCopy = (
  value: unknown,
  field: string,
  report: (problem: OptionProblem) => void,
): unknown => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => jsonCopy(item, `${field}[${index}]`, report));
  }
  if (typeof value === 'object' && isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .map(([name, inner]) => [name, jsonCopy(inner, `${field}.${name}`, report)]),
    );
  }
  const expected = 'JSON data';
  const message = `${field}: expected ${expected}, got ${quoteValue(value)}`;
  report({ field, value, expected, message });
  return null;
};
