import { SwingsetError, quoteValue } from '../errors.js';

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

/** The path holds something else than a swingstore. Nothing there was touched. */
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

/** Stored bytes are not what was stored: a hash, a count or the SQLite file itself is wrong. */
export class StoreDamagedError extends SwingsetError {
  readonly code = 'STORE_DAMAGED';
  constructor(
    /** The damaged thing by its artifact name (`snapshot.v1.4`), or the file. */
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
 * The disk or file system refused: full, read-only, failing. What was committed is intact; what was
 * not is gone, and the store takes no more calls until it is opened again.
 */
export class StoreIOError extends SwingsetError {
  readonly code = 'STORE_IO';
  constructor(
    readonly dirPath: string,
    /** SQLite's or the file system's code, such as `SQLITE_FULL` or `EROFS`. */
    readonly systemCode: string,
    options?: ErrorOptions,
  ) {
    super(
      `the swingstore in ${quoteValue(dirPath)} could not be read or written (${systemCode}); the last commit is intact: mend the cause and open the store again`,
      options,
    );
  }
}

/**
 * `sync()` failed. What was committed is in the store and survives the end of the process; whether
 * the commits since the last sync that succeeded survive a loss of power is not known.
 */
export class StoreSyncError extends SwingsetError {
  readonly code = 'STORE_SYNC';
  constructor(
    readonly dirPath: string,
    cause: unknown,
  ) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `the commits to the swingstore in ${quoteValue(dirPath)} are made, but may not survive a loss of power (${reason}); mend the cause and open the store again`,
      { cause },
    );
  }
}

/**
 * The host's `archiveTranscript` failed during a commit. Nothing was committed and nothing is lost:
 * the next commit starts with the span that failed.
 */
export class StoreArchiveError extends SwingsetError {
  readonly code = 'STORE_ARCHIVE';
  constructor(
    /** The span by its artifact name, such as `transcript.v1.0.5`. */
    readonly thing: string,
    options: { readonly cause: unknown },
  ) {
    const { cause } = options;
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `${thing} could not be archived (${reason}); nothing was committed: mend the cause and commit again`,
      options,
    );
  }
}

/** The store was closed. */
export class StoreClosedError extends SwingsetError {
  readonly code = 'STORE_CLOSED';
  constructor(options?: ErrorOptions) {
    super('the swingstore is closed', options);
  }
}

/** A call that the store's state or contract does not allow; the store is unchanged. */
export class StoreUsageError extends SwingsetError {
  readonly code = 'STORE_USAGE';
}

/** Something asked for by name that the store does not hold, or holds only as a hash. */
export class StoreMissingError extends SwingsetError {
  readonly code = 'STORE_MISSING';
  constructor(
    readonly thing: string,
    detail = 'not in the swingstore',
  ) {
    super(`${thing}: ${detail}`);
  }
}

/** A bundle whose contents are not those that its ID says, or whose ID or format is unknown. */
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

/** Export data or artifacts that contradict each other or lack something. */
export class StoreImportError extends SwingsetError {
  readonly code = 'STORE_IMPORT';
}

/** A directory that is not an export, or where none can be put. Nothing there was touched. */
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
