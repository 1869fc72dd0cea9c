/**
 * Reads rows as of the last commit, whichever that is, while the writer's transaction is open. Unlike
 * `reader.ts`, it keeps no view of one commit, so it holds up no checkpoint of the journal.
 */
import type { Database } from 'better-sqlite3';
import { openConnection } from './database.js';
import { translateError } from './translate-error.js';
import { insistStore } from './directory.js';
import { ACTIVITYHASH_KEY } from './crank.js';
import { StoreClosedError, StoreMissingError } from './errors.js';
import { currentSpanKey } from './export-names.js';
import { storableText } from './hash.js';
import { insistNextKey, insistTextValue } from './kv-text.js';
import { resolveStoreFile } from './store-file.js';

/** What the store records of a vat beside its rows. */
export interface VatRecords {
  /** @throws StoreMissingError for a vat that has ended, or never was */
  readonly currentSpan: (vatID: string) => {
    readonly incarnation: number;
    /** The next position in the transcript, which spans all incarnations. */
    readonly endPos: number;
  };
  /** Whether the vat's incarnation has a heap snapshot. */
  readonly hasSnapshot: (vatID: string) => boolean;
}

export interface CommittedReader extends VatRecords {
  readonly get: (key: string) => string | undefined;
  /** The first key after `previousKey`, by UTF-8 bytes, or undefined. */
  readonly getNextKey: (previousKey: string) => string | undefined;
  /** Hexadecimal; empty before the first crank. */
  readonly getActivityhash: () => string;
  readonly close: () => void;
}

/**
 * Calls that follow one another without a pause see the same commit, unless one of them commits.
 *
 * @throws NotASwingStoreError, StoreDamagedError, StoreIOError, and StoreLockedError for a file
 *   with hard links, which only its writer can open
 */
export const openCommittedReader = (dirPath: string): CommittedReader =>
  openToRead(dirPath, makeCommittedReader);

/** Runs reads of a connection that may be closed. @throws StoreClosedError, and typed failures */
export type TypedRead = <T>(read: () => T) => T;

/**
 * What `build` makes of a connection that writes nothing.
 * @throws what `openCommittedReader` throws, also when a statement can't be prepared
 */
export const openToRead = <Reader>(
  dirPath: string,
  build: (db: Database, typed: TypedRead) => Reader,
): Reader => {
  insistStore(dirPath);
  const file = resolveStoreFile(dirPath);
  const db = openConnection(dirPath, file, () => undefined, {
    readonly: true,
    fileMustExist: true,
  });
  const typed: TypedRead = read => {
    if (!db.open) throw new StoreClosedError();
    try {
      return read();
    } catch (error) {
      throw translateError(error, dirPath);
    }
  };
  try {
    return typed(() => build(db, typed));
  } catch (error) {
    db.close();
    throw error;
  }
};

/** The reader of an open connection, which its `close` closes. */
export const makeCommittedReader = (db: Database, typed: TypedRead): CommittedReader => {
  const sqlGet = db.prepare<[string], string>('SELECT value FROM kvStore WHERE key = ?').pluck();
  const sqlNext = db
    .prepare<[string], string>('SELECT key FROM kvStore WHERE key > ? ORDER BY key LIMIT 1')
    .pluck();
  const sqlSpan = db.prepare<[string], ReturnType<VatRecords['currentSpan']>>(
    'SELECT incarnation, endPos FROM transcriptSpans WHERE vatID = ? AND isCurrent = 1',
  );
  const sqlSnapshot = db
    .prepare<[string], number>('SELECT 1 FROM snapshots WHERE vatID = ? AND inUse = 1')
    .pluck();
  const get = (given: string) => {
    const key = storableText(given);
    return typed(() => insistTextValue(key, sqlGet.get(key)));
  };
  return {
    get,
    getNextKey: given => {
      const previousKey = storableText(given);
      return typed(() => insistNextKey(previousKey, sqlNext.get(previousKey)));
    },
    getActivityhash: () => get(ACTIVITYHASH_KEY) ?? '',
    currentSpan: vatID => {
      const span = typed(() => sqlSpan.get(vatID));
      if (!span) throw new StoreMissingError(currentSpanKey(vatID));
      return span;
    },
    hasSnapshot: vatID => typed(() => sqlSnapshot.get(vatID)) !== undefined,
    close: () => {
      db.close();
    },
  };
};
