/**
 * A read-only view of a store as of one commit. It hinders no writer, and no writer disturbs it: it
 * holds one read transaction from the moment it is made.
 */
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { beginReading, openConnection, translateError } from './database.js';
import { insistStore } from './directory.js';
import { StoreClosedError } from './errors.js';
import { STORE_FILE } from './schema.js';

type Scalar = string | number | null;

export interface ReadStatement<Row> {
  get(...args: Scalar[]): Row | undefined;
  all(...args: Scalar[]): Row[];
}

/** What both the writing and the reading connection offer to code that only reads. */
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

/**
 * All rows of a query that takes its position as arguments and returns a page, so that memory stays
 * bounded and the connection free between pages.
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
    position = positionOf(last);
  }
}
