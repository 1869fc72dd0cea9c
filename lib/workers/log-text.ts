/** Texts of what a vat in this process logs and throws. */

const abbreviate = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.length < 40) return value;
  return `${value.slice(0, 15)}...${value.slice(-15)}`;
};

/**
 * Formats as SwingSet does: what has no JSON, such as `undefined`, is empty. The texts of one line
 * are joined without spaces.
 */
export const logText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value, abbreviate) ?? '');

/** The text of what a vat threw, which may refuse to have one. */
export const thrownText = (thrown: unknown): string => {
  try {
    return String(thrown);
  } catch {
    return 'an error that has no text';
  }
};
