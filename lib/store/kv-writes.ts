/**
 * The rows of the key-value table, in SQLite and not yet there. Most rows that a crank writes are
 * written again or deleted before the host commits, so only what is left then goes to SQLite.
 *
 * Boundary: knows keys and values only. `kv-store.ts` has the sections, hashes and exports.
 */
import type { CrankLayer } from './crank-layer.js';
import type { StoreDatabase } from './database.js';
import { openKVTable } from './kv-table.js';
import { LayeredMap } from './layered-map.js';

/** More than this goes to SQLite at once, so that a block without end takes no memory without end. */
const MOST_KEYS = 100_000;
const MOST_CHARS = 32_000_000;

/** Takes texts as SQLite gives them back (`storableText`). */
export interface KVRows extends CrankLayer {
  has(key: string): boolean;
  /** The stored value, which is no string if the table is damaged. */
  get(key: string): unknown;
  /** Undefined deletes. */
  set(key: string, value: string | undefined): void;
  /** The table was read: these keys follow `previousKey` and each other. */
  noteNeighbours(previousKey: string, keys: readonly string[]): void;
}

/** Fewer rows are as cheap one by one. */
const SHORTEST_RANGE = 8;

/** More is no faster, and has more values in memory at once. */
const LONGEST_RANGE = 64;

/** Of those that were read before the last ones. */
const MOST_NEIGHBOURS = 512;

export const keepKVWrites = (db: StoreDatabase): KVRows => {
  const table = openKVTable(db, { keepsWrites: true });

  const kept = new LayeredMap<string, string | undefined>();
  /** Of all values since the last flush, also of those that were replaced. */
  let chars = 0;

  /**
   * Keys that follow each other in the table. It changes by a flush or by a rollback, and both
   * forget them.
   */
  let neighbours: readonly string[] = [];

  const goes = (key: string): boolean => kept.has(key) && kept.get(key) === undefined;

  const endOfRange = (start: number): number => {
    const most = Math.min(neighbours.length, start + LONGEST_RANGE);
    let end = start;
    while (end < most && goes(neighbours[end]!)) end += 1;
    return end;
  };

  /**
   * Deletes neighbours that all go as one range: so go most rows of a vat that is cleaned up. What
   * was written between them is not in the table yet.
   */
  const flushRanges = (): void => {
    let start = 0;
    while (start < neighbours.length) {
      const end = endOfRange(start);
      if (end - start >= SHORTEST_RANGE) {
        table.deleteRange(neighbours[start]!, neighbours[end - 1]!);
        for (const key of neighbours.slice(start, end)) kept.delete(key);
      }
      start = Math.max(end, start + 1);
    }
    neighbours = [];
  };

  const flush = (): void => {
    if (kept.size === 0) return;
    flushRanges();
    // Neighbours share pages of the table.
    for (const key of [...kept.keys()].sort()) {
      table.set(key, kept.get(key));
      kept.delete(key);
    }
    chars = 0;
  };
  db.keepBack({ table: 'kvStore', flush });

  return {
    has: key => {
      db.insistUsable();
      return kept.has(key) ? kept.get(key) !== undefined : table.has(key);
    },
    get: key => {
      db.insistUsable();
      return kept.has(key) ? kept.get(key) : table.get(key);
    },
    set: (key, value) => {
      db.begin();
      kept.set(key, value);
      chars += value?.length ?? 0;
      if (kept.size > MOST_KEYS || chars > MOST_CHARS) flush();
    },
    noteNeighbours: (previousKey, keys) => {
      const goesOn = previousKey === neighbours.at(-1);
      neighbours = goesOn ? [...neighbours.slice(-MOST_NEIGHBOURS), ...keys] : keys;
    },
    mark: () => kept.mark(),
    rollback: depth => {
      neighbours = [];
      kept.rollback(depth);
    },
    merge: () => kept.merge(),
  };
};
