/** Which version of the schema a store has, readable without a kernel. */
import type { KVStore } from '../store/types.js';
import { globalKeys } from './schema.js';

/** Undefined for a store without a kernel; 0 for one older than version numbers. */
export const storedSchemaVersion = (kvStore: Pick<KVStore, 'get' | 'has'>): number | undefined => {
  const version = kvStore.get(globalKeys.version);
  if (version !== undefined) return Number(version);
  return kvStore.has(globalKeys.initialized) ? 0 : undefined;
};
