/** How an argument of `testLog` is written. */

const abbreviate = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.length < 40) return value;
  return `${value.slice(0, 15)}...${value.slice(-15)}`;
};

/** As the supervisor of xsnap writes it. The texts of a line follow each other without a space. */
export const logText = (value: unknown): string =>
  typeof value === 'string' ? value : String(JSON.stringify(value, abbreviate));
