/**
 * A checksum of the rows that nothing else in the store vouches for: SQLite has none for its pages, so
 * a flipped bit in a value would pass for what the kernel wrote. `store verify` compares it. (What
 * items, snapshots and images hold is checked against their hashes. The ID of a bundle is a hash of
 * its modules, not of all its bytes.)
 *
 * The writer of the key-value table tells of each change, and triggers of this connection of those to
 * the other tables, whoever makes them, so that a commit costs a hash for each changed row. Rows
 * under `local.` don't count, because the table must be equal on replicas.
 *
 * Invariants:
 * 1. A commit of the host stores the checksum of what it commits, or leaves it when nothing changed.
 * 2. Beside the checksum stands the activityhash. If it is another, then swing-store has written to
 *    the store since, and the checksum says nothing.
 */
import { ACTIVITYHASH_KEY } from './crank.js';
import type { CrankLayer } from './crank-layer.js';
import type { RowListener, Statement, StoreDatabase } from './database.js';
import { StoreDamagedError } from './errors.js';
import { kvExportKey } from './export-names.js';
import { LOCAL_PREFIX } from './kv-store.js';
import { insistTextKey } from './kv-text.js';
import { readPages } from './reader.js';
import type { StoreReader } from './reader.js';
import { insistRecord } from './record-shapes.js';
import { RowSum } from './row-hash.js';
import { CHECKSUM_SQL, CHECKSUM_TABLE } from './schema.js';
import type { StoreProblem } from './verify-types.js';

type Column = string | number | Buffer | null;

interface CheckedTable {
  readonly table: string;
  /** The columns of its key come first. */
  readonly key: readonly string[];
  readonly others: readonly string[];
  /** How many rows to read at once. */
  readonly page: number;
}

const KV_TABLE = 'kvStore';

const CHECKED: readonly CheckedTable[] = [
  { table: KV_TABLE, key: ['key'], others: ['value'], page: 500 },
  {
    table: 'transcriptSpans',
    key: ['vatID', 'startPos'],
    others: ['endPos', 'hash', 'isCurrent', 'incarnation'],
    page: 500,
  },
  { table: 'snapshots', key: ['vatID', 'snapPos'], others: ['hash', 'inUse'], page: 500 },
  { table: 'bundles', key: ['bundleID'], others: ['bundle'], page: 4 },
];

const counts = (table: string, [key]: readonly unknown[]): boolean =>
  table !== KV_TABLE || typeof key !== 'string' || !key.startsWith(LOCAL_PREFIX);

/** The checksum of all rows as they are. */
const sumRows = (reader: StoreReader): RowSum => {
  const sum = RowSum.from();
  for (const { table, key, others, page: limit } of CHECKED) {
    const columns = [...key, ...others];
    const names = key.join(', ');
    const page = (condition: string) =>
      reader.prepare<Record<string, Column>>(
        `SELECT ${columns.join(', ')} FROM ${table} ${condition} ORDER BY ${names} LIMIT ${limit}`,
      );
    const add = (row: Record<string, Column>) => {
      // Named by what is wrong with it, where the pages would only say that they don't go on.
      insistRecord(table, row);
      if (table === KV_TABLE) insistTextKey(row['key']);
      const values = columns.map(name => row[name]);
      if (counts(table, values)) sum.add(table, values);
    };
    const first = page('').all();
    first.forEach(add);
    const last = first.at(-1);
    if (last === undefined) continue;
    const positionOf = (row: Record<string, Column>) =>
      key.map(name => row[name] as string | number);
    const next = page(`WHERE (${names}) > (${key.map(() => '?').join(', ')})`);
    for (const row of readPages(next, positionOf(last), positionOf)) add(row);
  }
  return sum;
};

interface StoredChecksum {
  readonly sum: string;
  readonly activityhash: string;
}

const readStored = (reader: StoreReader): StoredChecksum | undefined => {
  const hasTable = reader.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(CHECKSUM_TABLE);
  return hasTable === undefined
    ? undefined
    : reader.prepare<StoredChecksum>(`SELECT sum, activityhash FROM ${CHECKSUM_TABLE}`).get();
};

const readActivityhash = (reader: StoreReader): unknown =>
  reader
    .prepare(`SELECT value FROM ${KV_TABLE} WHERE key = ?`, { pluck: true })
    .get(ACTIVITYHASH_KEY) ?? '';

interface RowDamage extends Pick<StoreProblem, 'thing' | 'detail' | 'remedy' | 'correction'> {}

/** The damage of the activityhash, if the rows are those of the checksum but for it. */
const findHashDamage = (
  sum: RowSum,
  found: unknown,
  stored: StoredChecksum,
): RowDamage | undefined => {
  const corrected = sum.copy();
  if (found !== '') corrected.remove(KV_TABLE, [ACTIVITYHASH_KEY, found]);
  if (stored.activityhash !== '') corrected.add(KV_TABLE, [ACTIVITYHASH_KEY, stored.activityhash]);
  if (corrected.toString() !== stored.sum) return undefined;
  const detail = `it is ${String(found)}, and was written as ${stored.activityhash}`;
  return {
    thing: kvExportKey(ACTIVITYHASH_KEY),
    detail,
    remedy: 'the checksum, beside which it was written',
    correction: { key: ACTIVITYHASH_KEY, value: stored.activityhash || null },
  };
};

/**
 * Compares the rows with their checksum. A store that swing-store wrote last has none to compare with.
 *
 * @returns what differs, or undefined
 * @throws StoreDamagedError for a page that can't be read
 */
export const findRowDamage = (reader: StoreReader): RowDamage | undefined => {
  const stored = readStored(reader);
  if (stored === undefined) return undefined;
  const sum = sumRows(reader);
  const found = readActivityhash(reader);
  if (found !== stored.activityhash) return findHashDamage(sum, found, stored);
  if (sum.toString() === stored.sum) return undefined;
  const detail = `the rows of the tables ${CHECKED.map(({ table }) => table).join(', ')} have the checksum ${sum.toString()}, and ${stored.sum} was written with the last commit: at least one of them is damaged`;
  return { thing: 'rows', detail };
};

export interface RowChecksum extends CrankLayer {
  /** Stores the checksum with the changes that are about to be committed. */
  persist(): void;
  /** Takes the rows as they are for right, and stores their checksum. The caller commits. */
  renew(): void;
  /** The caller has deleted all rows at once, of which nobody told. */
  reset(): void;
}

/** Follows the rows of a store that is open for writing. Reads all of them if it must. */
export const followRows = (db: StoreDatabase): RowChecksum => {
  const stored = readStored(db);
  let sum = adopt(db, stored);
  let written = stored?.sum;
  let marks: RowSum[] = [];
  let changed = false;
  const onChange: RowListener = (table, before, after) => {
    changed = true;
    if (before && counts(table, before)) sum.remove(table, before);
    if (after && counts(table, after)) sum.add(table, after);
  };
  db.followRows(onChange);
  watchTables(db, onChange);

  /** Prepared at the first write, which makes the table. */
  let sqlWrite: Statement<never> | undefined;
  const prepareWrite = (): Statement<never> => {
    db.exec(CHECKSUM_SQL);
    return db.prepare(
      `INSERT OR REPLACE INTO ${CHECKSUM_TABLE} (id, sum, activityhash)
         VALUES (1, ?, coalesce((SELECT value FROM ${KV_TABLE} WHERE key = '${ACTIVITYHASH_KEY}'), ''))`,
    );
  };
  const write = (): void => {
    const text = sum.toString();
    changed = false;
    if (text === written) return;
    sqlWrite ??= prepareWrite();
    sqlWrite.run(text);
    written = text;
  };
  return {
    persist: () => {
      db.passOnKept();
      if (changed) write();
    },
    renew: () => {
      sum = sumRows(db);
      write();
    },
    reset: () => {
      sum = RowSum.from();
      changed = true;
    },
    mark: () => void marks.push(sum.copy()),
    rollback: depth => {
      const before = marks[depth];
      if (before) sum = before;
      marks = marks.slice(0, depth);
    },
    merge: () => {
      marks = [];
    },
  };
};

/** The checksum to go on from. @throws StoreDamagedError if the activityhash alone is wrong */
const adopt = (db: StoreDatabase, stored: StoredChecksum | undefined): RowSum => {
  const found = readActivityhash(db);
  if (stored && stored.activityhash === found) return RowSum.from(stored.sum);
  const sum = sumRows(db);
  const damage = stored && findHashDamage(sum, found, stored);
  if (damage) throw new StoreDamagedError(damage.thing, damage.detail);
  return sum;
};

/** Temporary triggers belong to the connection: the file, which swing-store opens as well, has none. */
const watchTables = (db: StoreDatabase, onChange: RowListener): void => {
  const { raw } = db;
  // Else REPLACE deletes a row without telling.
  raw.pragma('recursive_triggers = ON');
  for (const { table, key, others } of CHECKED) {
    if (table === KV_TABLE) continue;
    const columns = [...key, ...others];
    const told = `note_${table}`;
    raw.function(told, { varargs: true }, (event: unknown, ...values: unknown[]) => {
      const before = event === 'insert' ? undefined : values.slice(0, columns.length);
      const after = event === 'delete' ? undefined : values.slice(-columns.length);
      onChange(table, before, after);
      return null;
    });
    for (const event of ['insert', 'update', 'delete'] as const) {
      const rows = event === 'insert' ? ['NEW'] : event === 'delete' ? ['OLD'] : ['OLD', 'NEW'];
      const values = rows.flatMap(row => columns.map(name => `${row}.${name}`));
      const of = event === 'update' ? `UPDATE OF ${columns.join(', ')}` : event;
      raw.exec(
        `CREATE TEMP TRIGGER ${told}_${event} AFTER ${of} ON main.${table}
           BEGIN SELECT ${told}('${event}', ${values.join(', ')}); END`,
      );
    }
  }
};
