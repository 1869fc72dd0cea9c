/**
 * Rows of the store that belong to the host, as its tables see them. The same tables read a block's
 * open transaction (`hostStorage.kvStore`) and, through `committedRows`, the last commit.
 */
import { insistNextKey, insistTextValue } from '../../store/kv-text.js';
import type { StoreReader } from '../../store/reader.js';

export interface RowReader {
  get(key: string): string | undefined;
  /** The first key after `previousKey`, by UTF-8 bytes. */
  getNextKey(previousKey: string): string | undefined;
}

export interface Rows extends RowReader {
  set(key: string, value: string): void;
  delete(key: string): void;
}

/**
 * The chain's own state: all rows under this prefix are hashed into the app hash and travel in
 * snapshots. Other rows of the host are this node's own.
 */
export const CHAIN_PREFIX = 'host.chain.';

/** Rows as of the commit that `reader` sees (`openReader`). */
export const committedRows = (reader: StoreReader): RowReader => {
  const sqlGet = reader.prepare<string>('SELECT value FROM kvStore WHERE key = ?', { pluck: true });
  const sqlNext = reader.prepare<string>(
    'SELECT key FROM kvStore WHERE key > ? ORDER BY key LIMIT 1',
    { pluck: true },
  );
  return {
    get: key => insistTextValue(key, sqlGet.get(key)),
    getNextKey: previousKey => insistNextKey(previousKey, sqlNext.get(previousKey)),
  };
};

/** Keys that begin with a prefix and are longer, in order. The key just yielded may be deleted. */
export function* keysWithPrefix(rows: RowReader, prefix: string): Generator<string, void> {
  for (let key = rows.getNextKey(prefix); key?.startsWith(prefix); key = rows.getNextKey(key)) {
    yield key;
  }
}

/** The rows under a prefix in key order. The caller may delete each row that it was given. */
export function* rowsUnder(
  rows: RowReader,
  prefix: string,
): IterableIterator<[key: string, value: string]> {
  const own = rows.get(prefix);
  if (own !== undefined) yield [prefix, own];
  for (const key of keysWithPrefix(rows, prefix)) yield [key, rows.get(key)!];
}
