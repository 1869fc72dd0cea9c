/** Failures of SQLite and of the file system as errors of this project. */
import { errorText } from '../errors.js';
import { StoreDamagedError, StoreIOError, StoreLockedError } from './errors.js';

/** Codes after which SQLite may have rolled back the transaction on its own. */
const FATAL = /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|NOMEM|CANTOPEN|READONLY|PROTOCOL|AUTH|PERM)/;
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;
/** PROTOCOL: others had the locks of the journal's index all the time. */
const BUSY = /^SQLITE_(BUSY|LOCKED|PROTOCOL)/;

export const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

/**
 * better-sqlite3 looks for the directory of the file by itself. What it throws when it finds none, or
 * can't look, has no code.
 */
const isUnreachable = (error: unknown): boolean =>
  error instanceof TypeError &&
  /^Cannot (open database|save backup) because the directory/.test(error.message);

/** Whether there is no such file. */
export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

/** Whether the transaction can't go on, or may be gone already. */
export const isFatal = (error: unknown): boolean => FATAL.test(codeOf(error));

/** Converts a failure of SQLite or the file system to a typed error. Returns other errors as is. */
export const translateError = (error: unknown, dirPath: string): unknown => {
  const code = codeOf(error);
  const options = { cause: error };
  if (DAMAGED.test(code)) {
    // SQLite takes the sectors that a disk can't read for damage.
    const detail = `${code}: ${errorText(error)}, or its disk can't be read`;
    return new StoreDamagedError(dirPath, detail, options);
  }
  if (BUSY.test(code)) {
    return new StoreLockedError(dirPath, options);
  }
  if (isUnreachable(error)) {
    return new StoreIOError(dirPath, 'SQLITE_CANTOPEN', options);
  }
  if (isFatal(error) || /^E[A-Z]+$/.test(code)) {
    return new StoreIOError(dirPath, code, options);
  }
  return error;
};
