/**
 * The one SQLite connection of an open store. It prepares statements, types their failures, begins
 * a transaction at the first write, and keeps savepoints inside it.
 *
 * Invariants:
 * 1. Only `commit()` runs COMMIT.
 * 2. After a failure that may have rolled back part of the transaction (disk full, I/O error,
 *    damaged file), every further call fails, so that half a crank is never committed.
 * 3. No other connection has written since our last commit. If one has, `begin` throws.
 * 4. No statement reads or writes a table while writes to it are kept back (`KeptWrites`), except
 *    those of whoever keeps them. A commit has them all.
 */
import Database from 'better-sqlite3';
import { quoteValue } from '../errors.js';
import { NotASwingStoreError, StoreClosedError, StoreIOError, StoreUsageError } from './errors.js';
import { hasHardLinks, pathForSQLite } from './store-file.js';
import { codeOf, isFatal, translateError } from './translate-error.js';

type Scalar = string | number | bigint | null | Uint8Array;

export interface Statement<Row> {
  /** Runs a write, in a new transaction if none is open. Returns the number of rows changed. */
  run(...args: Scalar[]): number;
  get(...args: Scalar[]): Row | undefined;
  all(...args: Scalar[]): Row[];
}

/**
 * Writes to a table that stay in memory for a while, because most rows that a crank writes are
 * written again, or deleted, before the next commit.
 */
export interface KeptWrites {
  readonly table: string;
  /** Passes them on to SQLite. */
  flush(): void;
}

/** Hears of each row of a table that is written: its columns before and after, if there are any. */
export type RowListener = (
  table: string,
  before: readonly unknown[] | undefined,
  after: readonly unknown[] | undefined,
) => void;

/**
 * Refuses what could change rows that nobody writes, or show others: a swingstore has neither
 * triggers nor views, so a file that does comes from somebody who added them (issue 18).
 */
const insistTablesOnly = (db: Database.Database, dirPath: string): void => {
  const found = db
    .prepare<[], { type: string; name: string }>(
      "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index') LIMIT 1",
    )
    .get();
  if (found) {
    const reason = `its file has the ${found.type} ${quoteValue(found.name)}, which no store has`;
    throw new NotASwingStoreError(dirPath, reason);
  }
};

/** SQLite's name for a database without a file. */
export const IN_MEMORY = ':memory:';

/**
 * Opens a connection and sets it up.
 * @throws NotASwingStoreError if the file is not an SQLite file, StoreIOError, StoreLockedError.
 */
export const openConnection = (
  dirPath: string,
  file: string | Buffer,
  setUp: (db: Database.Database) => void,
  options: Database.Options = {},
): Database.Database => {
  let db: Database.Database | undefined;
  try {
    const isPath = typeof file === 'string' && file !== IN_MEMORY;
    db = new Database(isPath ? pathForSQLite(file) : file, options);
    // The file may come from elsewhere: its schema must call no functions with side effects.
    db.pragma('trusted_schema = OFF');
    setUp(db);
    insistTablesOnly(db, dirPath);
    return db;
  } catch (error) {
    db?.close();
    if (codeOf(error) === 'SQLITE_NOTADB') {
      const reason = 'its swingstore.sqlite is not an SQLite file, or its header is damaged';
      throw new NotASwingStoreError(dirPath, reason, { cause: error });
    }
    throw translateError(error, dirPath);
  }
};

export type CommitDurability = 'full' | 'group';

export interface DatabaseOptions {
  readonly dirPath: string | null;
  readonly file: string | Buffer;
  /** `full`: an fsync at each commit. `group`: none; the host calls `sync()`. */
  readonly durability: CommitDurability;
  /** Journal in memory and no fsync: for an import, which is discarded if the machine fails. */
  readonly unsafeFastMode: boolean;
  /** One read transaction for the life of the connection. Writes throw. */
  readonly readOnly?: boolean;
}

/** Bytes to which SQLite truncates the journal once no long reader needs the rest. */
const JOURNAL_SIZE_LIMIT = 8 * 1024 * 1024;

/**
 * Keeps connections to files with hard links alive. The lock on such a file belongs to the
 * connection, and must survive a host that keeps no reference to it.
 */
const exclusive = new Set<Database.Database>();

/** Begins a read transaction. Its first read fixes the commit that it sees. */
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
  #kept: readonly KeptWrites[] = [];
  #rowListener: RowListener = () => undefined;

  constructor({ dirPath, file, durability, unsafeFastMode, readOnly = false }: DatabaseOptions) {
    this.dirPath = dirPath ?? IN_MEMORY;
    this.#readOnly = readOnly;
    const isExclusive = typeof file === 'string' && hasHardLinks(file);
    const setUpWriter = (db: Database.Database): void => {
      if (isExclusive) {
        // Each hard link would have its own journal, so no connection may use another link.
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
    try {
      this.#begin = this.#db.prepare('BEGIN IMMEDIATE');
      this.#commit = this.#db.prepare('COMMIT');
      this.#dataVersion = this.#db.prepare('PRAGMA data_version').pluck();
      this.#version = this.#dataVersion.get();
      if (!readOnly && this.#dataVersion.get() !== this.#version) {
        // SQLite could not write the index of the journal (a full disk), and reads it anew each time.
        throw new StoreIOError(this.dirPath, 'SQLITE_READONLY_CANTINIT');
      }
    } catch (error) {
      this.#db.close();
      throw translateError(error, this.dirPath);
    }
    if (isExclusive && !readOnly) exclusive.add(this.#db);
  }

  /** The raw connection, for debugging and for readers. */
  get raw(): Database.Database {
    this.#flush(this.#kept);
    return this.#db;
  }

  /** Whoever keeps writes back says so before anyone makes them. */
  keepBack(writes: KeptWrites): void {
    this.#kept = [...this.#kept, writes];
  }

  /** Has everyone pass on what they keep back. */
  passOnKept(): void {
    this.#flush(this.#kept);
  }

  /** Has the listener told of all rows that change from now on. */
  followRows(listener: RowListener): void {
    this.#rowListener = listener;
  }

  /** Tells of a row that was written. */
  noteRow(...change: Parameters<RowListener>): void {
    this.#rowListener(...change);
  }

  #keptFor(sql: string): readonly KeptWrites[] {
    return this.#kept.filter(({ table }) => sql.includes(table));
  }

  #flush(kept: readonly KeptWrites[]): void {
    for (const writes of kept) writes.flush();
  }

  /** @throws what a statement would throw now. */
  insistUsable(): void {
    this.#assertUsable();
  }

  /** Runs `operation` and types its failures (invariant 2). */
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
    if (isFatal(error) || (this.#inTransaction && !this.#db.inTransaction)) {
      this.#failure = typed as Error;
    }
    return typed;
  }

  /**
   * @param options.pluck - a row is its first column
   * @param options.raw - a row is a list of its columns
   * @param options.keepsWrites - a statement of whoever keeps writes to its table back, who minds
   *   them
   */
  prepare<Row>(
    sql: string,
    { pluck = false, raw = false, keepsWrites = false } = {},
  ): Statement<Row> {
    const statement = this.guard(() => this.#db.prepare<Scalar[], Row>(sql));
    if (pluck) statement.pluck();
    if (raw) statement.raw();
    let kept: readonly KeptWrites[] | undefined = keepsWrites ? [] : undefined;
    const flush = (): void => {
      kept ??= this.#keptFor(sql);
      if (kept.length > 0) this.#flush(kept);
    };
    return {
      run: (...args) => {
        this.begin();
        flush();
        try {
          return statement.run(...args).changes;
        } catch (error) {
          throw this.#typed(error);
        }
      },
      get: (...args) => {
        this.#assertUsable();
        flush();
        try {
          return statement.get(...args);
        } catch (error) {
          throw this.#typed(error);
        }
      },
      all: (...args) => {
        this.#assertUsable();
        flush();
        try {
          return statement.all(...args);
        } catch (error) {
          throw this.#typed(error);
        }
      },
    };
  }

  /** Runs statements without results, inside the transaction. */
  exec(sql: string): void {
    this.begin();
    this.#flush(this.#keptFor(sql));
    this.guard(() => this.#db.exec(sql));
  }

  /** Begins the transaction if none is open (invariant 3). */
  begin(): void {
    if (this.#inTransaction && this.#failure === undefined) {
      return;
    }
    this.guard(() => {
      if (this.#readOnly) {
        throw new StoreUsageError(
          `the swingstore in ${this.dirPath} was opened read-only; open it without readOnly to write`,
        );
      }
      this.#begin.run();
      const version = this.#dataVersion.get();
      if (version !== this.#version) {
        this.#db.exec('ROLLBACK');
        throw new StoreUsageError(
          `another program wrote to the swingstore in ${this.dirPath} after it was opened here; open it again`,
        );
      }
      this.#inTransaction = true;
    });
  }

  /** Makes everything since the last commit durable. */
  commit(): void {
    if (this.#inTransaction) {
      this.#flush(this.#kept);
      this.guard(() => {
        this.#commit.run();
      });
      this.#inTransaction = false;
    } else {
      this.guard(() => undefined);
    }
  }

  /**
   * Makes the commits so far survive a power loss in `unsafeFastMode`, which has no journal: a
   * commit that changes nothing makes SQLite sync the whole file.
   * @throws StoreUsageError if there are uncommitted changes
   */
  syncFile(): void {
    if (this.#inTransaction) {
      throw new StoreUsageError('sync: in unsafeFastMode, commit before you sync');
    }
    this.guard(() => {
      const version = this.#db.pragma('user_version', { simple: true }) as number;
      this.#db.pragma('synchronous = FULL');
      this.#db.pragma(`user_version = ${version}`);
      this.#db.pragma('synchronous = OFF');
    });
  }

  /** Closes the connection. Uncommitted changes are lost. */
  close(): void {
    if (!this.#isOpen) {
      throw new StoreClosedError();
    }
    this.#isOpen = false;
    this.#inTransaction = false;
    this.#kept = [];
    exclusive.delete(this.#db);
    // SQLite rolls back the open transaction.
    this.#db.close();
  }
}
