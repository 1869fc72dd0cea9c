/**
 * A read-only view of a store as of one commit. It holds one read transaction from the start, so it
 * blocks no writer and no writer affects it.
 */
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { beginReading, openConnection } from './database.js';
import { translateError } from './translate-error.js';
import { insistStore } from './directory.js';
import { StoreClosedError } from './errors.js';
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

/**
 * All rows of a query that takes a position and returns the page after it. Memory stays bounded,
 * and the connection is free between pages.
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
