/**
 * Keys and values as texts. SQLite stores any value in any column, so that damage can leave bytes or a
 * number, of which no caller knows anything.
 */
import { quoteValue } from '../errors.js';
import { StoreDamagedError } from './errors.js';
import { kvExportKey } from './export-names.js';

/** @throws StoreDamagedError unless the value is text, or there is none */
export const insistTextValue = (key: string, value: unknown): string | undefined => {
  if (value === undefined || typeof value === 'string') return value;
  throw new StoreDamagedError(kvExportKey(key), `its value is ${quoteValue(value)}, not text`);
};

/** @throws StoreDamagedError unless the key is text, or there is none */
export const insistTextKey = (key: unknown): string | undefined => {
  if (key === undefined || typeof key === 'string') return key;
  throw new StoreDamagedError('kvStore', `a key is ${quoteValue(key)}, not text`);
};

interface KVRow {
  readonly key: string;
  readonly value: string;
}

/** @throws StoreDamagedError unless both are text */
export const insistTextRow = (row: KVRow): KVRow => {
  insistTextKey(row.key);
  insistTextValue(row.key, row.value);
  return row;
};
