/**
 * A read-only view of a store as of one commit. It holds one read transaction from the start, so it
 * blocks no writer and no writer affects it.
 */
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { quoteValue } from '../errors.js';
import { beginReading, openConnection } from './database.js';
import { translateError } from './translate-error.js';
import { insistStore } from './directory.js';
import { StoreClosedError, StoreDamagedError } from './errors.js';
import { compareUtf8 } from './hash.js';
import { STORE_FILE } from './schema.js';

type Scalar = string | number | null;

export interface ReadStatement<Row> {
  get(...args: Scalar[]): Row | undefined;
  all(...args: Scalar[]): Row[];
}

/** What code that only reads needs; both the writing and the reading connection provide it. */
export interface StoreReader {
  readonly dirPath: string;
  prepare<Row>(sql: string, options?: { pluck?: boolean }): ReadStatement<Row>;
}

export interface OpenReader extends StoreReader {
  readonly raw: Database.Database;
  close(): void;
}

/** @throws NotASwingStoreError, StoreDamagedError, StoreIOError */
export const openReader = (dirPath: string): OpenReader => {
  insistStore(dirPath);
  const raw = openConnection(dirPath, join(dirPath, STORE_FILE), beginReading, {
    readonly: true,
    fileMustExist: true,
  });
  const typed = <T>(read: () => T): T => {
    if (!raw.open) {
      throw new StoreClosedError();
    }
    try {
      return read();
    } catch (error) {
      throw translateError(error, dirPath);
    }
  };
  return {
    dirPath,
    raw,
    prepare: <Row>(sql: string, { pluck = false } = {}) => {
      const statement = typed(() => raw.prepare<Scalar[], Row>(sql));
      if (pluck) {
        statement.pluck();
      }
      return {
        get: (...args: Scalar[]) => typed(() => statement.get(...args)),
        all: (...args: Scalar[]) => typed(() => statement.all(...args)),
      };
    },
    close: () => {
      raw.close();
    },
  };
};

/** Does SQLite order the first position before the second? Damage can leave another type in a column. */
const isBefore = (earlier: readonly Scalar[], later: readonly Scalar[]): boolean => {
  for (const [index, value] of earlier.entries()) {
    const other = later[index];
    if (typeof value === 'string' && typeof other === 'string') {
      const order = compareUtf8(value, other);
      if (order !== 0) return order < 0;
    } else if (typeof value === 'number' && typeof other === 'number') {
      if (value !== other) return value < other;
    } else {
      return false;
    }
  }
  return false;
};

/**
 * All rows of a query that takes a position and returns the page after it. Memory stays bounded,
 * and the connection is free between pages.
 *
 * @throws StoreDamagedError if a damaged index leads back, of which there would be no end
 */
export function* readPages<Row>(
  statement: ReadStatement<Row>,
  start: Scalar[],
  positionOf: (row: Row) => Scalar[],
): IterableIterator<Row> {
  let position = start;
  for (;;) {
    const rows = statement.all(...position);
    const last = rows.at(-1);
    if (last === undefined) {
      return;
    }
    yield* rows;
    const next = positionOf(last);
    if (!isBefore(position, next)) {
      const detail = `the row at ${quoteValue(next)} is said to follow ${quoteValue(position)}`;
      throw new StoreDamagedError(STORE_FILE, detail);
    }
    position = next;
  }
}
