/**
 * Checks the types of arguments to the facets, because SQLite would accept a number as a vatID. A
 * wrong type is a `StoreUsageError` that names the method, the argument and the value. It is thrown
 * before anything is read or written.
 */
import { quoteValue } from '../errors.js';
import { StoreUsageError } from './errors.js';

/** An argument's name and the values it may have. */
export interface ArgumentCheck {
  readonly name: string;
  readonly expected: string;
  readonly test: (value: unknown) => boolean;
}

export const stringArgument = (name: string): ArgumentCheck => ({
  name,
  expected: 'a string',
  test: value => typeof value === 'string',
});

/** No dots, because artifact names join their parts with dots. */
export const vatIDArgument: ArgumentCheck = {
  name: 'vatID',
  expected: 'a string without dots',
  test: value => typeof value === 'string' && /^[^.]+$/.test(value),
};

export const positionArgument = (name: string): ArgumentCheck => ({
  name,
  expected: 'a non-negative safe integer',
  test: value => Number.isSafeInteger(value) && (value as number) >= 0,
});

export const bytesArgument: ArgumentCheck = {
  name: 'bytes',
  expected: 'a Uint8Array',
  test: value => value instanceof Uint8Array,
};

export const recordArgument = (name: string): ArgumentCheck => ({
  name,
  expected: 'a record',
  test: value => typeof value === 'object' && value !== null && !Array.isArray(value),
});

export const streamArgument = (name: string): ArgumentCheck => ({
  name,
  expected: 'an async iterable of bytes',
  test: value =>
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value),
});

export const exporterArgument = (...methods: readonly string[]): ArgumentCheck => ({
  name: 'exporter',
  expected: `an object with ${methods.join(', ')}`,
  test: value =>
    typeof value === 'object' &&
    value !== null &&
    methods.every(method => typeof (value as Record<string, unknown>)[method] === 'function'),
});

export const optional = (check: ArgumentCheck): ArgumentCheck => ({
  ...check,
  expected: `${check.expected} or nothing`,
  test: value => value === undefined || check.test(value),
});

/** @throws StoreUsageError */
export const checkArgument = (
  method: string,
  { name, expected, test }: ArgumentCheck,
  value: unknown,
): void => {
  if (!test(value)) {
    throw new StoreUsageError(`${method}: ${name} must be ${expected}, not ${quoteValue(value)}`);
  }
};

/** Wraps a facet so that each method in `checks` checks its arguments, the first one first. */
export const checkArguments = <T extends object>(
  facetName: string,
  facet: T,
  checks: Readonly<Partial<Record<keyof T & string, readonly ArgumentCheck[]>>>,
): T => {
  const checked = Object.entries<readonly ArgumentCheck[] | undefined>(checks).map(
    ([method, list = []]) => {
      const unchecked = facet[method as keyof T] as (...args: unknown[]) => unknown;
      const call = (...args: unknown[]): unknown => {
        list.forEach((check, index) => {
          checkArgument(`${facetName}.${method}`, check, args[index]);
        });
        return unchecked(...args);
      };
      return [method, call];
    },
  );
  return { ...facet, ...(Object.fromEntries(checked) as Partial<T>) };
};
