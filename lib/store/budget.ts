import { quoteValue } from '../errors.js';
import { StoreUsageError } from './errors.js';

/** The LIMIT of SQL that is none. */
export const UNLIMITED = -1;

/** The LIMIT for SQL of a deletion budget; undefined and Infinity mean all of it. */
export const readBudget = (budget: number | undefined): number => {
  if (budget === undefined || budget === Infinity) {
    return UNLIMITED;
  }
  if (!(Number.isSafeInteger(budget) && budget >= 1)) {
    const given = quoteValue(budget);
    throw new StoreUsageError(`a deletion budget must be undefined or positive, not ${given}`);
  }
  return budget;
};
