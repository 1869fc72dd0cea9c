/**
 * Records what a build read, found missing, or reached through a link. The bundle stays valid for as
 * long as all of that is unchanged. A bundler sees the file system only through `makeTrackedPowers`:
 * modules, each `package.json`, places without one, and links on the way to a package.
 */
import crypto, { createHash } from 'node:crypto';
import fs from 'node:fs';
import url from 'node:url';
import { makeReadPowers } from '@endo/compartment-mapper/node-powers.js';

/** A file as it was read, or the code of the error that reading it gave. */
type FileRecord =
  | {
      /** Equal for a file that was not touched. Empty when the file was too new to tell. */
      stat: string;
      readonly digest: string;
    }
  | { readonly missing: string };

/** Plain data: a cache on disk holds it as JSON. */
export interface BuildRecord {
  readonly files: Record<string, FileRecord>;
  /** Where each path led, with links resolved; null for nothing. */
  readonly links: Record<string, string | null>;
}

const isRecordOf = <T>(
  value: unknown,
  isField: (field: unknown) => field is T,
): value is Record<string, T> =>
  typeof value === 'object' && value !== null && Object.values(value).every(isField);

const isFileRecord = (value: unknown): value is FileRecord => {
  const { stat, digest, missing } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof missing === 'string' || (typeof stat === 'string' && typeof digest === 'string');
};

const isLink = (value: unknown): value is string | null =>
  value === null || typeof value === 'string';

export const isBuildRecord = (value: unknown): value is BuildRecord => {
  const { files, links } = (value ?? {}) as Partial<Record<keyof BuildRecord, unknown>>;
  return isRecordOf(files, isFileRecord) && isRecordOf(links, isLink);
};

/** Two changes within so many milliseconds may get the same time from a file system. */
const CLOCK_STEP = 100;

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
};

/** Uses ctime, which the file system sets: an archiver restores any mtime it likes. */
const statOf = (path: string): string => {
  const { ctimeNs, ctimeMs, size, ino } = fs.statSync(path, { bigint: true });
  return Date.now() - Number(ctimeMs) > CLOCK_STEP ? `${ctimeNs} ${size} ${ino}` : '';
};

const realpathOf = (path: string): string | null => {
  try {
    // Most places have nothing, and an exception for each would be dear.
    return fs.existsSync(path) ? fs.realpathSync.native(path) : null;
  } catch {
    return null;
  }
};

/** Shows a directory to the bundler under another path. Both are absolute and end in `/`. */
export interface Alias {
  readonly directory: string;
  readonly as: string;
}

const swapPrefix = (path: string, from: string, to: string): string =>
  path.startsWith(from) ? to + path.slice(from.length) : path;

/** The path under which the bundler sees a file. */
export const showAs = (path: string, { directory, as }: Alias): string =>
  swapPrefix(path, directory, as);

export interface TrackedPowersOptions {
  readonly alias?: Alias;
  /** Changes a file's bytes on their way to the bundler. */
  readonly edit?: (path: string, bytes: Buffer) => Buffer;
}

/** Powers for a bundler, and the record that grows while it uses them. Records the true paths. */
export const makeTrackedPowers = ({ alias, edit }: TrackedPowersOptions = {}): {
  readonly powers: object;
  readonly record: BuildRecord;
} => {
  const truePath = (path: string): string =>
    alias ? swapPrefix(path, alias.as, alias.directory) : path;
  const shownPath = (path: string): string => (alias ? showAs(path, alias) : path);
  const record: BuildRecord = { files: {}, links: {} };
  const promises = {
    readFile: async (shown: string) => {
      const path = truePath(shown);
      try {
        // Read before the bytes, so that a change in between is noticed.
        const stat = statOf(path);
        const bytes = await fs.promises.readFile(path);
        record.files[path] = { stat, digest: digestOf(bytes) };
        return edit ? edit(path, bytes) : bytes;
      } catch (error) {
        record.files[path] = { missing: codeOf(error) };
        throw error;
      }
    },
    realpath: async (shown: string) => {
      const path = truePath(shown);
      try {
        const target = await fs.promises.realpath(path);
        record.links[path] = target;
        return shownPath(target);
      } catch (error) {
        record.links[path] = null;
        throw error;
      }
    },
  };
  const trackedFs = { ...fs, promises: { ...fs.promises, ...promises } } as typeof fs;
  return { powers: makeReadPowers({ fs: trackedFs, url, crypto }), record };
};

const isFileSame = (path: string, known: FileRecord): boolean => {
  try {
    if ('missing' in known) {
      if (known.missing === 'ENOENT' && !fs.existsSync(path)) return true;
      fs.readFileSync(path);
      return false;
    }
    const stat = statOf(path);
    if (stat !== '' && stat === known.stat) return true;
    // Touched, or copied together with the record: the contents decide.
    if (digestOf(fs.readFileSync(path)) !== known.digest) return false;
    known.stat = stat;
    return true;
  } catch (error) {
    return 'missing' in known && known.missing === codeOf(error);
  }
};

/**
 * Would a build now read what the recorded one read? Looks at some hundred files synchronously,
 * because promises would make each of them ten times as dear.
 */
export const isUnchanged = ({ files, links }: BuildRecord): boolean =>
  Object.entries(files).every(([path, known]) => isFileSame(path, known)) &&
  Object.entries(links).every(([path, target]) => realpathOf(path) === target);
