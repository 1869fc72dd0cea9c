/**
 * The one SQLite connection of an open store: prepared statements whose failures are typed, one
 * transaction begun at the first write, savepoints inside it.
 *
 * Invariants:
 * 1. A COMMIT happens in `commit()` only.
 * 2. After a failure that may have rolled back part of the transaction (disk full, I/O error,
 *    damaged file), every further call fails: half a crank is never committed.
 * 3. No other connection has written since our last commit; if one has, `begin` refuses.
 */
import Database from 'better-sqlite3';
import { NotASwingStoreError, StoreClosedError } from './errors.js';
import { StoreDamagedError, StoreIOError, StoreLockedError, StoreUsageError } from './errors.js';
import { hasOtherNames } from './store-file.js';

type Scalar = string | number | bigint | null | Uint8Array;

export interface Statement<Row> {
  /** Runs a write; begins the transaction if there is none. Returns the number of rows changed. */
  run(...args: Scalar[]): number;
  get(...args: Scalar[]): Row | undefined;
  all(...args: Scalar[]): Row[];
}

/** Codes after which SQLite may have rolled back the transaction on its own. */
const FATAL = /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|NOMEM|CANTOPEN|READONLY|PROTOCOL|AUTH|PERM)/;
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;
const BUSY = /^SQLITE_(BUSY|LOCKED)/;

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

/** The typed error for a failure of SQLite or the file system; any other error as it is. */
export const translateError = (error: unknown, dirPath: string): unknown => {
  const code = codeOf(error);
  const options = { cause: error };
  if (DAMAGED.test(code)) {
    return new StoreDamagedError(dirPath, `${code}: ${(error as Error).message}`, options);
  }
  if (BUSY.test(code)) {
    return new StoreLockedError(dirPath, options);
  }
  if (FATAL.test(code) || /^E[A-Z]+$/.test(code)) {
    return new StoreIOError(dirPath, code, options);
  }
  return error;
};

/**
 * Opens a connection and sets it up.
 * @throws NotASwingStoreError when the file is not SQLite's, StoreIOError, StoreLockedError.
 */
export const openConnection = (
  dirPath: string,
  file: string | Buffer,
  setUp: (db: Database.Database) => void,
  options: Database.Options = {},
): Database.Database => {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, options);
    setUp(db);
    return db;
  } catch (error) {
    db?.close();
    if (codeOf(error) === 'SQLITE_NOTADB') {
      const reason = 'its swingstore.sqlite is not an SQLite file, or one with a damaged head';
      throw new NotASwingStoreError(dirPath, reason, { cause: error });
    }
    throw translateError(error, dirPath);
  }
};

export type CommitDurability = 'full' | 'group';

export interface DatabaseOptions {
  readonly dirPath: string | null;
  readonly file: string | Buffer;
  /** `full`: fsync at each commit. `group`: none; the host calls `sync()`. */
  readonly durability: CommitDurability;
  /** Journal in memory and no fsync: for an import that is thrown away when the machine fails. */
  readonly unsafeFastMode: boolean;
  /** One read transaction from the beginning to the end; writes are refused. */
  readonly readOnly?: boolean;
}

/** The journal is cut back to so many bytes once nobody reads what a long reader made it keep. */
const JOURNAL_SIZE_LIMIT = 8 * 1024 * 1024;

/**
 * Connections to files with hard links: their lock is the connection's own, and must not go when a
 * host that keeps no reference lets it be collected.
 */
const exclusive = new Set<Database.Database>();

/** Begins a read transaction; its first read is what fixes the commit that it sees. */
export const beginReading = (db: Database.Database): void => {
  db.exec('BEGIN');
  db.prepare('SELECT count(*) FROM sqlite_master').get();
};

export class StoreDatabase {
  readonly dirPath: string;
  readonly #db: Database.Database;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #dataVersion: Database.Statement;
  #isOpen = true;
  #inTransaction = false;
  #failure: Error | undefined = undefined;
  readonly #version: unknown;
  readonly #readOnly: boolean;

  constructor({ dirPath, file, durability, unsafeFastMode, readOnly = false }: DatabaseOptions) {
    this.dirPath = dirPath ?? ':memory:';
    this.#readOnly = readOnly;
    const isExclusive = typeof file === 'string' && hasOtherNames(file);
    const setUpWriter = (db: Database.Database): void => {
      if (isExclusive) {
        // Each hard link would have a journal of its own: nobody may enter by another of them.
        db.pragma('locking_mode = EXCLUSIVE');
      }
      db.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT}`);
      db.pragma(unsafeFastMode ? 'journal_mode = MEMORY' : 'journal_mode = WAL');
      db.pragma(
        `synchronous = ${unsafeFastMode ? 'OFF' : durability === 'group' ? 'NORMAL' : 'FULL'}`,
      );
    };
    this.#db = readOnly
      ? openConnection(this.dirPath, file, beginReading, { readonly: true, fileMustExist: true })
      : openConnection(this.dirPath, file, setUpWriter, isExclusive ? { timeout: 0 } : {});
    this.#begin = this.#db.prepare('BEGIN IMMEDIATE');
    this.#commit = this.#db.prepare('COMMIT');
    this.#dataVersion = this.#db.prepare('PRAGMA data_version').pluck();
    this.#version = this.#dataVersion.get();
    if (isExclusive && !readOnly) exclusive.add(this.#db);
  }

  /** The raw connection, for debugging and for whoever only reads. */
  get raw(): Database.Database {
    return this.#db;
  }

  /** Runs `operation`, typing its failures (invariant 2). */
  guard<T>(operation: () => T): T {
    this.#assertUsable();
    try {
      return operation();
    } catch (error) {
      throw this.#typed(error);
    }
  }

  #assertUsable(): void {
    if (!this.#isOpen) {
      throw new StoreClosedError();
    }
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  #typed(error: unknown): unknown {
    const typed = translateError(error, this.dirPath);
    if (FATAL.test(codeOf(error)) || (this.#inTransaction && !this.#db.inTransaction)) {
      this.#failure = typed as Error;
    }
    return typed;
  }

  prepare<Row>(sql: string, { pluck = false } = {}): Statement<Row> {
    const statement = this.guard(() => this.#db.prepare<Scalar[], Row>(sql));
    if (pluck) {
      statement.pluck();
    }
    return {
      run: (...args) => {
        this.begin();
        try {
          return statement.run(...args).changes;
        } catch (error) {
          throw this.#typed(error);
        }
      },
      get: (...args) => {
        this.#assertUsable();
        try {
          return statement.get(...args);
        } catch (error) {
          throw this.#typed(error);
        }
      },
      all: (...args) => {
        this.#assertUsable();
        try {
          return statement.all(...args);
        } catch (error) {
          throw this.#typed(error);
        }
      },
    };
  }

  /** Runs statements without results inside the transaction. */
  exec(sql: string): void {
    this.begin();
    this.guard(() => this.#db.exec(sql));
  }

  /** Begins the transaction, unless it is under way. */
  begin(): void {
    if (this.#inTransaction && this.#failure === undefined) {
      return;
    }
    this.guard(() => {
      if (this.#readOnly) {
        throw new StoreUsageError(`the swingstore in ${this.dirPath} was opened to read only`);
      }
      this.#begin.run();
      const version = this.#dataVersion.get();
      if (version !== this.#version) {
        this.#db.exec('ROLLBACK');
        throw new StoreUsageError(
          `another program has written to the swingstore in ${this.dirPath} since it was opened here; open it again`,
        );
      }
      this.#inTransaction = true;
    });
  }

  /** Makes everything since the last commit durable. */
  commit(): void {
    if (this.#inTransaction) {
      this.guard(() => {
        this.#commit.run();
      });
      this.#inTransaction = false;
    } else {
      this.guard(() => undefined);
    }
  }

  /**
   * Makes the commits so far survive a loss of power in `unsafeFastMode`, where there is no journal:
   * SQLite syncs the whole file with a commit that changes nothing.
   * @throws StoreUsageError after a change that is not committed
   */
  syncFile(): void {
    if (this.#inTransaction) {
      throw new StoreUsageError('sync: in unsafeFastMode, commit before it');
    }
    this.guard(() => {
      const version = this.#db.pragma('user_version', { simple: true }) as number;
      this.#db.pragma('synchronous = FULL');
      this.#db.pragma(`user_version = ${version}`);
      this.#db.pragma('synchronous = OFF');
    });
  }

  /** Closes the connection; what was not committed is gone. */
  close(): void {
    if (!this.#isOpen) {
      throw new StoreClosedError();
    }
    this.#isOpen = false;
    this.#inTransaction = false;
    exclusive.delete(this.#db);
    // SQLite rolls back what is open.
    this.#db.close();
  }
}
