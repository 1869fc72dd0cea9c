import { quoteValue } from '../errors.js';
import { StoreUsageError } from './errors.js';

/** SQLite's LIMIT for "no limit". */
export const UNLIMITED = -1;

/** Converts a deletion budget to an SQL LIMIT; undefined and Infinity mean no limit. */
export const readBudget = (budget: number | undefined): number => {
  if (budget === undefined || budget === Infinity) {
    return UNLIMITED;
  }
  if (!(Number.isSafeInteger(budget) && budget >= 1)) {
    const given = quoteValue(budget);
    throw new StoreUsageError(
      `a deletion budget must be a positive integer, Infinity or undefined, not ${given}`,
    );
  }
  return budget;
};
