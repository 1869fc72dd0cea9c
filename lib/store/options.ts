import { BadOptionError } from '../errors.js';
import type { ArchiveSnapshot, ArchiveTranscript } from './archiver.js';
import type { CommitDurability } from './database.js';
import type { ExportCallback } from './export-log.js';
import type { SnapshotCodec } from './snapshot-codec.js';

/** Options of `initSwingStore` and `openSwingStore`; the first group is swing-store's. */
export interface SwingStoreOptions {
  /** Keep the items of closed transcript spans (default true). */
  readonly keepTranscripts?: boolean | undefined;
  /** Keep the bytes of snapshots no longer in use (default false). */
  readonly keepSnapshots?: boolean | undefined;
  /** Given each snapshot, gzipped, as `snapshot.<vatID>.<snapPos>`. */
  readonly archiveSnapshot?: ArchiveSnapshot | undefined;
  /** Given each closed span, a line per item, as `transcript.<vatID>.<startPos>.<endPos>`. */
  readonly archiveTranscript?: ArchiveTranscript | undefined;
  /** Told of changes of the export data at the end of a crank and before a commit. */
  readonly exportCallback?: ExportCallback | undefined;
  /** A file that gets a line per change of the kvStore. */
  readonly traceFile?: string | null | undefined;
  /** The contents of an in-memory store, from `debug.serialize()`. */
  readonly serialized?: Buffer | undefined;
  /** No journal on disk and no fsync until the store is next opened: for imports. */
  readonly unsafeFastMode?: boolean | undefined;

  /**
   * `full` (default): `commit()` returns when everything is on disk. `group`: it survives the death
   * of the process at once, that of the machine after the next `hostStorage.sync()`.
   */
  readonly durability?: CommitDurability | undefined;
  /**
   * How snapshots are compressed in the file (default `brotli`, and always `gzip` together with
   * `archiveSnapshot`). Both are read. swing-store can open the file as it is with `gzip` only.
   */
  readonly snapshotCodec?: SnapshotCodec | undefined;
  /** gzip's level or brotli's quality, 1 (fast) to 9 (default 3 or 2). */
  readonly snapshotCompressionLevel?: number | undefined;
  /** Make a store in a directory where other files are (default false). */
  readonly allowForeignFiles?: boolean | undefined;
  /**
   * `openSwingStore` only: a view of the last commit (default false). It hinders no writer, sees
   * nothing of later commits, needs a store to exist, and refuses every write.
   */
  readonly readOnly?: boolean | undefined;
  /** `openSwingStore` only: do not make a store where there is none (default false). */
  readonly mustExist?: boolean | undefined;
}

type Check = readonly [expected: string, test: (value: unknown) => boolean];

const isBoolean: Check = ['a boolean', value => typeof value === 'boolean'];
const isFunction: Check = ['a function', value => typeof value === 'function'];

const CHECKS: Record<keyof SwingStoreOptions, Check> = {
  keepTranscripts: isBoolean,
  keepSnapshots: isBoolean,
  archiveSnapshot: isFunction,
  archiveTranscript: isFunction,
  exportCallback: isFunction,
  traceFile: ['a path or null', value => value === null || typeof value === 'string'],
  serialized: ['a Buffer', value => Buffer.isBuffer(value)],
  unsafeFastMode: isBoolean,
  durability: ['"full" or "group"', value => value === 'full' || value === 'group'],
  snapshotCodec: ['"brotli" or "gzip"', value => value === 'brotli' || value === 'gzip'],
  snapshotCompressionLevel: [
    'an integer from 1 to 9',
    value => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 9,
  ],
  allowForeignFiles: isBoolean,
  readOnly: isBoolean,
  mustExist: isBoolean,
};

/** @throws BadOptionError unless it is a record. */
export const checkOptionsBag = (options: unknown): void => {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new BadOptionError('options', options, 'a record');
  }
};

/** @throws BadOptionError naming the first field that is unknown or ill-typed. */
export const checkStoreOptions = (
  options: SwingStoreOptions,
  others: readonly string[] = [],
): void => {
  checkOptionsBag(options);
  for (const [field, value] of Object.entries(options)) {
    if (others.includes(field) || value === undefined) {
      continue;
    }
    if (!Object.hasOwn(CHECKS, field)) {
      throw new BadOptionError(field, value, `one of ${Object.keys(CHECKS).join(', ')}`);
    }
    const [expected, test] = CHECKS[field as keyof SwingStoreOptions];
    if (!test(value)) {
      throw new BadOptionError(field, value, expected);
    }
  }
  const { archiveSnapshot, snapshotCodec } = options;
  if (archiveSnapshot !== undefined && snapshotCodec === 'brotli') {
    throw new BadOptionError('snapshotCodec', snapshotCodec, '"gzip" beside archiveSnapshot');
  }
};

/** @throws BadOptionError unless it is a non-empty string. */
export const checkDirPath = (dirPath: unknown): string => {
  if (typeof dirPath !== 'string' || dirPath === '') {
    throw new BadOptionError('dirPath', dirPath, 'a path');
  }
  return dirPath;
};
