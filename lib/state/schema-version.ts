/** Which version of the schema a store has, readable without a kernel. */
import { NotInitializedError, SchemaVersionError } from '../errors.js';
import type { KVStore } from '../store/types.js';
import { CURRENT_SCHEMA_VERSION, globalKeys } from './schema.js';

type Readable = Pick<KVStore, 'get' | 'has'>;

/** Undefined for a store without a kernel; 0 for one older than version numbers. */
export const storedSchemaVersion = (kvStore: Readable): number | undefined => {
  const version = kvStore.get(globalKeys.version);
  if (version !== undefined) return Number(version);
  return kvStore.has(globalKeys.initialized) ? 0 : undefined;
};

/** @throws NotInitializedError, SchemaVersionError */
export const assertCurrentSchema = (kvStore: Readable): void => {
  const version = storedSchemaVersion(kvStore);
  if (version === undefined) throw new NotInitializedError();
  if (version !== CURRENT_SCHEMA_VERSION) {
    throw new SchemaVersionError(version, CURRENT_SCHEMA_VERSION);
  }
};
