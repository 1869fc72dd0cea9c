/**
 * Reads the key-value table as of the last commit, whichever that is, while the writer's
 * transaction is open. Unlike `reader.ts`, it keeps no view of one commit, so it holds up no
 * checkpoint of the journal.
 */
import { openConnection, translateError } from './database.js';
import { insistStore } from './directory.js';
import { StoreClosedError } from './errors.js';
import { resolveStoreFile } from './store-file.js';

export interface CommittedReader {
  readonly get: (key: string) => string | undefined;
  /** The first key after `previousKey`, by UTF-8 bytes, or undefined. */
  readonly getNextKey: (previousKey: string) => string | undefined;
  readonly close: () => void;
}

/**
 * Calls that follow one another without a pause see the same commit, unless one of them commits.
 *
 * @throws NotASwingStoreError, StoreDamagedError, StoreIOError, and StoreLockedError for a file
 *   with hard links, which only its writer can open
 */
export const openCommittedReader = (dirPath: string): CommittedReader => {
  insistStore(dirPath);
  const file = resolveStoreFile(dirPath);
  const db = openConnection(dirPath, file, () => undefined, {
    readonly: true,
    fileMustExist: true,
  });
  const sqlGet = db.prepare<[string], string>('SELECT value FROM kvStore WHERE key = ?').pluck();
  const sqlNext = db
    .prepare<[string], string>('SELECT key FROM kvStore WHERE key > ? ORDER BY key LIMIT 1')
    .pluck();
  const typed = <T>(read: () => T): T => {
    if (!db.open) throw new StoreClosedError();
    try {
      return read();
    } catch (error) {
      throw translateError(error, dirPath);
    }
  };
  return {
    get: key => typed(() => sqlGet.get(key)),
    getNextKey: previousKey => typed(() => sqlNext.get(previousKey)),
    close: () => {
      db.close();
    },
  };
};
