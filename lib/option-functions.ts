/** Options that are functions. They are called late, so a mistake is told when they are given. */
import { BadOptionError } from './errors.js';

/** @throws BadOptionError for the first of these fields that has a value and is no function */
export const insistFunctions = <Options extends object>(
  options: Options,
  fields: readonly (keyof Options & string)[],
): void => {
  for (const field of fields) {
    const value: unknown = options[field];
    if (value === undefined || typeof value === 'function') continue;
    throw new BadOptionError(field, value, 'a function');
  }
};
