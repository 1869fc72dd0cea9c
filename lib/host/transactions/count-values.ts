/** How many values JSON data have: what they take in memory, and of vats' time, whatever their bytes. */

/** A value, and those in it. Recurses: the data's depth must be within the limit. */
export const countValues = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const each of Object.values(value)) count += countValues(each);
  return count;
};
