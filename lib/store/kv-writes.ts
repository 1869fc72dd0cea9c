/**
 * The rows of the key-value table, in SQLite and not yet there. Most rows that a crank writes are
 * written again or deleted before the host commits, so only what is left then goes to SQLite.
 *
 * Boundary: knows keys and values only. `kv-store.ts` has the sections, hashes and exports.
 */
import type { CrankLayer } from './crank-layer.js';
import type { StoreDatabase } from './database.js';
import { storableText } from './hash.js';
import { LayeredMap } from './layered-map.js';

/** More than this goes to SQLite at once, so that a block without end takes no memory without end. */
const MOST_KEYS = 100_000;
const MOST_CHARS = 32_000_000;

export interface KVRows extends CrankLayer {
  has(key: string): boolean;
  /** The stored value, which is no string if the table is damaged. */
  get(key: string): unknown;
  /** Undefined deletes. */
  set(key: string, value: string | undefined): void;
}

export const keepKVWrites = (db: StoreDatabase): KVRows => {
  const own = { keepsWrites: true };
  const sqlGet = db.prepare<unknown>('SELECT value FROM kvStore WHERE key = ?', {
    pluck: true,
    ...own,
  });
  const sqlHas = db.prepare<number>('SELECT 1 FROM kvStore WHERE key = ?', { pluck: true, ...own });
  const sqlSet = db.prepare(
    'INSERT INTO kvStore (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    own,
  );
  const sqlDelete = db.prepare('DELETE FROM kvStore WHERE key = ?', own);

  const kept = new LayeredMap<string, string | undefined>();
  /** Of all values since the last flush, also of those that were replaced. */
  let chars = 0;

  const flush = (): void => {
    // Neighbours share pages of the table.
    for (const key of [...kept.keys()].sort()) {
      const value = kept.get(key);
      if (value === undefined) sqlDelete.run(key);
      else sqlSet.run(key, value);
      kept.delete(key);
    }
    chars = 0;
  };
  db.keepBack({ table: 'kvStore', flush });

  return {
    has: key => {
      db.insistUsable();
      const name = storableText(key);
      return kept.has(name) ? kept.get(name) !== undefined : sqlHas.get(name) !== undefined;
    },
    get: key => {
      db.insistUsable();
      const name = storableText(key);
      return kept.has(name) ? kept.get(name) : sqlGet.get(name);
    },
    set: (key, value) => {
      db.begin();
      kept.set(storableText(key), value === undefined ? undefined : storableText(value));
      chars += value?.length ?? 0;
      if (kept.size > MOST_KEYS || chars > MOST_CHARS) flush();
    },
    mark: () => kept.mark(),
    rollback: depth => kept.rollback(depth),
    merge: () => kept.merge(),
  };
};
