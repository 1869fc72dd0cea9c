/** Reads the schema version of a store without a kernel. */
import { NotInitializedError, SchemaVersionError } from '../errors.js';
import type { KVStore } from '../store/types.js';
import { globalRows } from './rows.js';
import { CURRENT_SCHEMA_VERSION } from './schema.js';

type Readable = Pick<KVStore, 'get' | 'has'>;

/** Undefined for a store without a kernel; 0 for one from before version numbers. */
export const storedSchemaVersion = (kvStore: Readable): number | undefined => {
  const version = globalRows.version.read(kvStore);
  if (version !== undefined) return version;
  return globalRows.initialized.exists(kvStore) ? 0 : undefined;
};

/** @throws NotInitializedError, SchemaVersionError */
export const assertCurrentSchema = (kvStore: Readable): void => {
  const version = storedSchemaVersion(kvStore);
  if (version === undefined) throw new NotInitializedError();
  if (version !== CURRENT_SCHEMA_VERSION) {
    throw new SchemaVersionError(version, CURRENT_SCHEMA_VERSION);
  }
};
