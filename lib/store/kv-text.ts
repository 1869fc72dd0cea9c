/**
 * Keys and values as texts. SQLite stores any value in any column, so that damage can leave bytes or a
 * number, of which no caller knows anything.
 */
import { quoteValue } from '../errors.js';
import { StoreDamagedError } from './errors.js';
import { kvExportKey } from './export-names.js';
import { compareUtf8 } from './hash.js';

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

/**
 * A damaged index can name a key again, of which a loop over keys would make no end.
 *
 * @param previous - a text that SQLite gives back (`storableText`)
 * @throws StoreDamagedError unless the key is text that comes after `previous`, or there is none
 */
export const insistNextKey = (previous: string, next: unknown): string | undefined => {
  const key = insistTextKey(next);
  if (key === undefined || compareUtf8(key, previous) > 0) return key;
  const detail = `the key ${quoteValue(key)} is said to follow ${quoteValue(previous)}`;
  throw new StoreDamagedError('kvStore', detail);
};

/** @throws StoreDamagedError unless the keys are texts in order, all after `previous` */
export const insistNextKeys = (previous: string, keys: readonly string[]): readonly string[] => {
  let last = previous;
  for (const key of keys) last = insistNextKey(last, key) ?? last;
  return keys;
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
