/**
 * The key-value table and its two facets. Keys fall into three sections: `host.` (the host's),
 * `local.` (this replica's) and all others (consensus: part of the crankhash and of exports).
 */
import type { CrankHasher } from './crank-hasher.js';
import type { CrankLayer } from './crank-layer.js';
import type { StoreDatabase } from './database.js';
import { StoreUsageError } from './errors.js';
import type { ExportLog } from './export-log.js';
import { kvExportKey } from './export-names.js';
import { storableText } from './hash.js';
import { insistNextKey, insistNextKeys, insistTextValue } from './kv-text.js';
import { keepKVWrites } from './kv-writes.js';
import type { KVStore } from './types.js';

export const HOST_PREFIX = 'host.';
/** The first string after all strings that start with `host.`. */
const AFTER_HOST = 'host/';
export const LOCAL_PREFIX = 'local.';

export const isHostKey = (key: string): boolean => key.startsWith(HOST_PREFIX);
export const isConsensusKey = (key: string): boolean =>
  !key.startsWith(HOST_PREFIX) && !key.startsWith(LOCAL_PREFIX);

/** The section of a key: the host's, this replica's, or consensus. */
export const getKeyType = (key: string): 'host' | 'local' | 'consensus' => {
  assertString('key', key);
  if (isHostKey(key)) return 'host';
  return isConsensusKey(key) ? 'consensus' : 'local';
};

const assertString = (what: string, value: unknown): void => {
  if (typeof value !== 'string') {
    throw new StoreUsageError(`a ${what} of the kvStore must be a string, not ${typeof value}`);
  }
};

/** A key or value as it is stored, hashed and exported. */
const textOf = (what: string, value: string): string => {
  assertString(what, value);
  return storableText(value);
};

export interface KVStorePowers {
  readonly db: StoreDatabase;
  readonly exportLog: ExportLog;
  readonly crankHasher: CrankHasher;
  readonly trace: ((line: string) => void) | undefined;
}

export interface KVStores {
  /** What is not in the table yet. */
  readonly layer: CrankLayer;
  readonly kernel: KVStore;
  readonly host: KVStore;
}

export const makeKVStores = ({ db, exportLog, crankHasher, trace }: KVStorePowers): KVStores => {
  const rows = keepKVWrites(db);
  const sqlNext = db.prepare<string>('SELECT key FROM kvStore WHERE key > ? ORDER BY key LIMIT 1', {
    pluck: true,
  });
  const sqlFrom = db.prepare<string>(
    'SELECT key FROM kvStore WHERE key >= ? ORDER BY key LIMIT 1',
    { pluck: true },
  );
  const sqlNextOfKernel = db.prepare<string>(
    `SELECT key FROM kvStore WHERE key > ? AND (key < '${HOST_PREFIX}' OR key >= '${AFTER_HOST}') ORDER BY key LIMIT ?`,
    { pluck: true },
  );
  const sqlNextKeys = db.prepare<string>(
    'SELECT key FROM kvStore WHERE key > ? ORDER BY key LIMIT ?',
    { pluck: true },
  );

  const set = (key: string, value: string): void => {
    rows.set(key, value);
    trace?.(`set ${key} ${value}`);
  };
  const remove = (key: string): void => {
    rows.set(key, undefined);
    trace?.(`del ${key}`);
  };
  const get = (given: string): string | undefined => {
    const key = textOf('key', given);
    return insistTextValue(key, rows.get(key));
  };
  const has = (key: string): boolean => rows.has(textOf('key', key));
  const refuseHostKey = (key: string): void => {
    if (typeof key === 'string' && key.startsWith(HOST_PREFIX)) {
      throw new StoreUsageError(`the key ${key} belongs to the host; the kernel can't use it`);
    }
  };
  const hostKey = (given: string): string => {
    const key = textOf('key', given);
    if (!key.startsWith(HOST_PREFIX)) {
      throw new StoreUsageError(`the host may write only keys under host., not ${key}`);
    }
    return key;
  };

  const kernel: KVStore = {
    has: key => {
      refuseHostKey(key);
      return has(key);
    },
    get: key => {
      refuseHostKey(key);
      return get(key);
    },
    getNextKey: given => {
      const previousKey = textOf('key', given);
      const next = insistNextKey(previousKey, sqlNext.get(previousKey));
      return next?.startsWith(HOST_PREFIX) ? insistNextKey(next, sqlFrom.get(AFTER_HOST)) : next;
    },
    getNextKeys: (given, most) => {
      const previousKey = textOf('key', given);
      const keys = insistNextKeys(previousKey, sqlNextOfKernel.all(previousKey, most));
      // The host's rows may lie between others.
      const isInOneSection = previousKey > HOST_PREFIX === (keys.at(-1) ?? '') > HOST_PREFIX;
      if (isInOneSection) rows.noteNeighbours(previousKey, keys);
      return keys;
    },
    set: (givenKey, givenValue, bypassHash = false) => {
      refuseHostKey(givenKey);
      const key = textOf('key', givenKey);
      const value = textOf('value', givenValue);
      set(key, value);
      if (!key.startsWith(LOCAL_PREFIX)) {
        exportLog.note(kvExportKey(key), value);
        if (!bypassHash) {
          crankHasher.addSet(key, value);
        }
      }
    },
    delete: given => {
      refuseHostKey(given);
      const key = textOf('key', given);
      remove(key);
      if (!key.startsWith(LOCAL_PREFIX)) {
        exportLog.note(kvExportKey(key), null);
        crankHasher.addDelete(key);
      }
    },
  };

  const host: KVStore = {
    // Hosts may read the kernel's keys (is it initialized?) but write only their own.
    has,
    get,
    getNextKey: given => {
      const previousKey = textOf('key', given);
      return insistNextKey(previousKey, sqlNext.get(previousKey));
    },
    getNextKeys: (given, most) => {
      const previousKey = textOf('key', given);
      return insistNextKeys(previousKey, sqlNextKeys.all(previousKey, most));
    },
    set: (key, value) => set(hostKey(key), textOf('value', value)),
    delete: key => remove(hostKey(key)),
  };
  return { kernel, host, layer: rows };
};
