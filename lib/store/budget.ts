import { StoreUsageError } from './errors.js';

/** The LIMIT for SQL of a deletion budget; undefined and Infinity mean all of it (-1). */
export const readBudget = (budget: number | undefined): number => {
  if (budget === undefined || budget === Infinity) {
    return -1;
  }
  if (!(Number.isSafeInteger(budget) && budget >= 1)) {
    throw new StoreUsageError(`a deletion budget must be undefined or positive, not ${budget}`);
  }
  return budget;
};
