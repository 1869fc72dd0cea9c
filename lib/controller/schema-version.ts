import { KernelState } from '../state/kernel-state.js';
import type { KernelStorage } from '../store/types.js';
import { NotInitializedError, SchemaVersionError } from './errors.js';

/** The layout of kernel tables that this kernel reads and writes; that of SwingSet 0.33. */
export const CURRENT_SCHEMA_VERSION = 3;

/** @throws NotInitializedError, SchemaVersionError */
export const assertCurrentSchema = (kernelStorage: KernelStorage): void => {
  const { schemaVersion } = new KernelState(kernelStorage);
  if (schemaVersion === 0) throw new NotInitializedError();
  if (schemaVersion !== CURRENT_SCHEMA_VERSION) {
    throw new SchemaVersionError(`${schemaVersion}`, CURRENT_SCHEMA_VERSION);
  }
};

/**
 * Brings the kernel's tables to the current version, before `makeSwingsetController`. Does nothing
 * to a store that is current.
 *
 * @throws NotInitializedError for an empty store
 * @throws SchemaVersionError for a version that can't be brought up
 */
export const upgradeSwingset = (kernelStorage: KernelStorage): { readonly modified: boolean } => {
  assertCurrentSchema(kernelStorage);
  return { modified: false };
};
