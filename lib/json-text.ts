/** Replacer for `JSON.stringify`, which knows no bigints. */
export const bigintsAsText = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${value}` : value;
