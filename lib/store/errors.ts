import { errorText, quoteValue, SwingsetError } from '../errors.js';

/** Another process, or another part of this one, has the store open for writing. */
export class StoreLockedError extends SwingsetError {
  readonly code = 'STORE_LOCKED';
  constructor(
    readonly dirPath: string,
    options?: ErrorOptions,
  ) {
    super(
      `the swingstore in ${quoteValue(dirPath)} is in use by another writer; stop that process, or close its store, first`,
      options,
    );
  }
}

/** The path holds something other than a swingstore. Nothing there was changed. */
export class NotASwingStoreError extends SwingsetError {
  readonly code = 'NOT_A_SWINGSTORE';
  constructor(
    readonly dirPath: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${quoteValue(dirPath)} is not a swingstore: ${reason}`, options);
  }
}

/** A copy, an import or a new store was meant for a directory that holds a store. It is unchanged. */
export class StoreExistsError extends SwingsetError {
  readonly code = 'STORE_EXISTS';
  constructor(readonly dirPath: string) {
    super(
      `${quoteValue(dirPath)} already holds a store, which is never replaced: choose an empty directory`,
    );
  }
}

/** Stored bytes differ from what was stored: a hash, a count or the SQLite file itself is wrong. */
export class StoreDamagedError extends SwingsetError {
  readonly code = 'STORE_DAMAGED';
  constructor(
    /** The damaged thing: its artifact name (`snapshot.v1.4`), or the file. */
    readonly thing: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(
      `the swingstore is damaged: ${thing}: ${detail}; restore it from a copy or an export`,
      options,
    );
  }
}

/**
 * The disk or file system refused: full, read-only or failing. Commits are intact; uncommitted
 * changes are lost. The store accepts no more calls until it is opened again.
 */
export class StoreIOError extends SwingsetError {
  readonly code = 'STORE_IO';
  constructor(
    readonly dirPath: string,
    /** SQLite's or the file system's code, for example `SQLITE_FULL` or `EROFS`. */
    readonly systemCode: string,
    options?: ErrorOptions,
  ) {
    super(
      `the swingstore in ${quoteValue(dirPath)} could not be read or written (${systemCode}); the last commit is intact: fix the cause and open the store again`,
      options,
    );
  }
}

/**
 * `sync()` failed. All commits are in the store and survive the end of the process. Commits since
 * the last successful sync may not survive a power loss.
 */
export class StoreSyncError extends SwingsetError {
  readonly code = 'STORE_SYNC';
  constructor(
    readonly dirPath: string,
    cause: unknown,
  ) {
    const reason = errorText(cause);
    super(
      `the swingstore in ${quoteValue(dirPath)} has its commits, but they may not survive a power loss (${reason}); fix the cause and open the store again`,
      { cause },
    );
  }
}

/**
 * The host's `archiveTranscript` failed during a commit. Nothing was committed or lost. The next
 * commit begins with the span that failed.
 */
export class StoreArchiveError extends SwingsetError {
  readonly code = 'STORE_ARCHIVE';
  constructor(
    /** The span's artifact name, for example `transcript.v1.0.5`. */
    readonly thing: string,
    options: { readonly cause: unknown },
  ) {
    const { cause } = options;
    const reason = errorText(cause);
    super(
      `${thing} could not be archived (${reason}); nothing was committed: fix the cause and commit again`,
      options,
    );
  }
}

export class StoreClosedError extends SwingsetError {
  readonly code = 'STORE_CLOSED';
  constructor(options?: ErrorOptions) {
    super('the swingstore is closed', options);
  }
}

/** A call that the store's state or contract does not allow. The store is unchanged. */
export class StoreUsageError extends SwingsetError {
  readonly code = 'STORE_USAGE';
}

/** The store does not hold the named thing, or holds only its hash. */
export class StoreMissingError extends SwingsetError {
  readonly code = 'STORE_MISSING';
  constructor(
    readonly thing: string,
    detail = 'not in the swingstore',
  ) {
    super(`${thing}: ${detail}`);
  }
}

/** A bundle does not match its ID, or its ID or format is unknown. */
export class BundleMismatchError extends SwingsetError {
  readonly code = 'BUNDLE_MISMATCH';
  constructor(
    readonly bundleID: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`bundle ${quoteValue(bundleID)}: ${detail}`, options);
  }
}

/** Export data or artifacts contradict each other or are incomplete. */
export class StoreImportError extends SwingsetError {
  readonly code = 'STORE_IMPORT';
}

/** A directory is not an export, or an export can't be written there. Nothing was changed. */
export class ExportDirectoryError extends SwingsetError {
  readonly code = 'EXPORT_DIRECTORY';
  constructor(
    readonly dirPath: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`the export directory ${quoteValue(dirPath)}: ${detail}`, options);
  }
}
