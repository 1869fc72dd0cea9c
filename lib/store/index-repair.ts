/**
 * Repairs tables and indexes that disagree. A damaged byte in a key shows as a row that its index
 * lacks, and either side may be the intact one: rebuilding the index from a damaged table would
 * make the damage permanent. So both ways are tried and rolled back, and the one that leaves fewer
 * problems wins.
 */
import type { StoreDatabase } from './database.js';

type Value = string | number | null;

interface IndexInfo {
  readonly table: string;
  readonly index: string;
  readonly columns: readonly string[];
}

/** A row whose columns differ between the table and the index. */
interface Disagreement extends IndexInfo {
  readonly rowid: number;
  readonly inTable: readonly Value[];
  readonly inIndex: readonly Value[];
}

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const listIndexes = (db: StoreDatabase): IndexInfo[] =>
  db
    .prepare<{ name: string; tbl_name: string }>(
      `SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' ORDER BY name`,
    )
    .all()
    .map(({ name, tbl_name: table }) => ({
      table,
      index: name,
      columns: db
        .prepare<{ name: string }>(`PRAGMA index_info(${quoteName(name)})`)
        .all()
        .map(column => column.name),
    }));

/** Rows by rowid, as stored in the table or in the index. */
const readRows = (db: StoreDatabase, { table, index, columns }: IndexInfo, fromIndex: boolean) => {
  const list = columns.map(quoteName).join(', ');
  const source = fromIndex ? `INDEXED BY ${quoteName(index)}` : 'NOT INDEXED';
  // This order makes SQLite read the index alone, which covers all these columns.
  const order = fromIndex ? `ORDER BY ${list}` : '';
  const statement = db.prepare<Record<string, Value>>(
    `SELECT rowid AS "rowid", ${list} FROM ${quoteName(table)} ${source} ${order}`,
  );
  return new Map(
    statement
      .all()
      .map(row => [row['rowid'] as number, columns.map(column => row[column] ?? null)]),
  );
};

const findDisagreements = (db: StoreDatabase): Disagreement[] =>
  listIndexes(db).flatMap(info => {
    const [table, index] = [readRows(db, info, false), readRows(db, info, true)];
    return [...table].flatMap(([rowid, inTable]) => {
      const inIndex = index.get(rowid);
      return inIndex === undefined || inIndex.join('\0') === inTable.join('\0')
        ? []
        : [{ ...info, rowid, inTable, inIndex }];
    });
  });

const trustTables = (db: StoreDatabase): void => db.exec('REINDEX');

const trustIndexes = (db: StoreDatabase, disagreements: readonly Disagreement[]): void => {
  // REINDEX comes first: SQLite can't update a row whose index entry differs.
  db.exec('REINDEX');
  for (const { table, columns, rowid, inIndex } of disagreements) {
    const assignments = columns.map(column => `${quoteName(column)} = ?`).join(', ');
    db.prepare(`UPDATE ${quoteName(table)} SET ${assignments} WHERE rowid = ?`).run(
      ...inIndex,
      rowid,
    );
  }
};

/**
 * Makes tables and indexes agree, inside the caller's savepoint, if one way is better than the
 * other.
 * @param countProblems - counts what is wrong with the store in its present state
 * @returns what was done; `done` is false, and nothing has changed, if both ways are equally good
 */
export const repairIndexes = async (
  db: StoreDatabase,
  countProblems: () => Promise<number>,
): Promise<{ readonly done: boolean; readonly result: string }> => {
  const disagreements = findDisagreements(db);
  if (disagreements.length === 0) {
    trustTables(db);
    return { done: true, result: 'indexes rebuilt from the tables' };
  }
  const cost = async (way: () => void): Promise<number> => {
    db.exec('SAVEPOINT trial');
    try {
      way();
      return await countProblems();
    } catch {
      return Infinity;
    } finally {
      db.exec('ROLLBACK TO trial; RELEASE trial');
    }
  };
  const byTables = await cost(() => trustTables(db));
  const byIndexes = await cost(() => trustIndexes(db, disagreements));
  if (byTables < byIndexes) {
    trustTables(db);
    return { done: true, result: 'indexes rebuilt from the tables' };
  }
  if (byIndexes < byTables) {
    trustIndexes(db, disagreements);
    return { done: true, result: 'damaged keys taken from the indexes' };
  }
  const [{ table, inTable, inIndex }] = disagreements as [Disagreement];
  return {
    done: false,
    result: `a row of ${table} is ${inTable.join(' ')} in the table and ${inIndex.join(' ')} in its index, and nothing tells which is right`,
  };
};
