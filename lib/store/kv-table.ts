/**
 * The only writer of the key-value table. It tells the checksum of rows what each row was and is,
 * which costs half of what a trigger for each row does.
 */
import type { StoreDatabase } from './database.js';

export interface KVTable {
  has(key: string): boolean;
  /** The stored value, which is no string if the table is damaged. */
  get(key: string): unknown;
  /** Undefined: the row goes. */
  set(key: string, value: string | undefined): void;
  /** Deletes all rows from the first key to the last, which are some dozens. */
  deleteRange(first: string, last: string): void;
}

/** Longer values of a range are read one by one, so that memory holds one of them. */
const MOST_BYTES_AT_ONCE = 65_536;

const rowOf = (key: string, value: unknown) => (value === undefined ? undefined : [key, value]);

/** @param own - whether the caller is the one who keeps writes to the table back */
export const openKVTable = (db: StoreDatabase, own = { keepsWrites: false }): KVTable => {
  const sqlGet = db.prepare<unknown>('SELECT value FROM kvStore WHERE key = ?', {
    pluck: true,
    ...own,
  });
  const sqlHas = db.prepare<number>('SELECT 1 FROM kvStore WHERE key = ?', { pluck: true, ...own });
  const sqlRange = db.prepare<readonly [key: string, value: unknown]>(
    `SELECT key, iif(octet_length(value) <= ${MOST_BYTES_AT_ONCE}, value, NULL) FROM kvStore
       WHERE key BETWEEN ? AND ?`,
    { raw: true, ...own },
  );
  const sqlSet = db.prepare(
    'INSERT INTO kvStore (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    own,
  );
  const sqlDelete = db.prepare('DELETE FROM kvStore WHERE key = ?', own);
  const sqlDeleteRange = db.prepare('DELETE FROM kvStore WHERE key BETWEEN ? AND ?', own);

  return {
    has: key => sqlHas.get(key) !== undefined,
    get: key => sqlGet.get(key),
    set: (key, value) => {
      const before = sqlGet.get(key);
      if (before === value) return;
      if (value === undefined) sqlDelete.run(key);
      else sqlSet.run(key, value);
      db.noteRow('kvStore', rowOf(key, before), rowOf(key, value));
    },
    deleteRange: (first, last) => {
      for (const row of sqlRange.all(first, last)) {
        const [key, value] = row;
        db.noteRow('kvStore', value === null ? [key, sqlGet.get(key)] : row, undefined);
      }
      sqlDeleteRange.run(first, last);
    },
  };
};
