import { BadOptionError } from '../errors.js';
import { checkKnownFields } from '../unknown-fields.js';
import type { CommitDurability } from './database.js';
import type { ExportCallback } from './export-log.js';
import type { SnapshotCodec } from './snapshot-codec.js';

/** Keeps a gzip stream under a name. */
export type ArchiveSnapshot = (name: string, gzipped: Buffer) => Promise<void>;

/** Keeps items, each with a newline, under a name. */
export type ArchiveTranscript = (name: string, items: readonly Uint8Array[]) => Promise<void>;

/** Options of `initSwingStore` and `openSwingStore`; the first group is swing-store's. */
export interface SwingStoreOptions {
  /** Keep the items of closed transcript spans (default true). */
  readonly keepTranscripts?: boolean | undefined;
  /** Keep the bytes of snapshots no longer in use (default false). */
  readonly keepSnapshots?: boolean | undefined;
  /** Receives each snapshot, gzipped, with the name `snapshot.<vatID>.<snapPos>`. */
  readonly archiveSnapshot?: ArchiveSnapshot | undefined;
  /** Receives each closed span, a line per item, as `transcript.<vatID>.<startPos>.<endPos>`. */
  readonly archiveTranscript?: ArchiveTranscript | undefined;
  /** Receives changes of the export data at the end of a crank and before a commit. */
  readonly exportCallback?: ExportCallback | undefined;
  /** File to which each change of the kvStore is appended as a line. */
  readonly traceFile?: string | null | undefined;
  /** The contents of an in-memory store, from `debug.serialize()`. */
  readonly serialized?: Buffer | undefined;
  /** Journal in memory and no fsync, for imports. A crash destroys the store. */
  readonly unsafeFastMode?: boolean | undefined;

  /**
   * `full` (default): `commit()` returns when everything is on disk. `group`: a commit survives the
   * death of the process at once, and a power loss after the next `hostStorage.sync()`.
   */
  readonly durability?: CommitDurability | undefined;
  /**
   * How snapshots are compressed in the file: `brotli` (default) or `gzip` (default with
   * `archiveSnapshot`). Both are always readable here; swing-store reads only `gzip`.
   */
  readonly snapshotCodec?: SnapshotCodec | undefined;
  /** gzip's level (default 3) or brotli's quality (default 2), from 1 (fast) to 9. */
  readonly snapshotCompressionLevel?: number | undefined;
  /** Create a store in a directory that holds other files (default false). */
  readonly allowForeignFiles?: boolean | undefined;
  /**
   * `openSwingStore` only: opens a view of the last commit (default false). It needs an existing
   * store, blocks no writer, never sees later commits, and refuses every write.
   */
  readonly readOnly?: boolean | undefined;
  /** `openSwingStore` only: throw instead of creating a missing store (default false). */
  readonly mustExist?: boolean | undefined;
  /** Unknown options are errors instead of warnings (default false). */
  readonly strict?: boolean | undefined;
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
  strict: isBoolean,
};

/** @throws BadOptionError if `options` is not a record. */
export const checkOptionsBag = (options: unknown): void => {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new BadOptionError('options', options, 'a record');
  }
};

/**
 * Warns of unknown fields.
 * @throws BadOptionError naming the first field that has the wrong type, or is unknown if `strict`
 */
export const checkStoreOptions = (options: SwingStoreOptions): void => {
  checkOptionsBag(options);
  checkKnownFields(options, Object.keys(CHECKS), { strict: options.strict === true });
  for (const [field, value] of Object.entries(options)) {
    if (value === undefined || !Object.hasOwn(CHECKS, field)) {
      continue;
    }
    const [expected, test] = CHECKS[field as keyof SwingStoreOptions];
    if (!test(value)) {
      throw new BadOptionError(field, value, expected);
    }
  }
  const { archiveSnapshot, snapshotCodec } = options;
  if (archiveSnapshot !== undefined && snapshotCodec === 'brotli') {
    throw new BadOptionError('snapshotCodec', snapshotCodec, '"gzip" with archiveSnapshot');
  }
};

/** @throws BadOptionError if `dirPath` can't be a path. */
export const checkDirPath = (dirPath: unknown): string => {
  if (typeof dirPath !== 'string' || dirPath === '' || dirPath.includes('\0')) {
    throw new BadOptionError('dirPath', dirPath, 'a path');
  }
  return dirPath;
};
