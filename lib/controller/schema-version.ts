import { assertCurrentSchema } from '../state/schema-version.js';
import type { KernelStorage } from '../store/types.js';

/**
 * Checks the version of the kernel's tables; hosts of SwingSet call it before
 * `makeSwingsetController`. This kernel reads and writes one version, that of SwingSet 0.33. It leaves
 * such a store as it is and refuses any other, with the remedy.
 *
 * @throws NotInitializedError for an empty store
 * @throws SchemaVersionError for a store of another version
 */
export const upgradeSwingset = (kernelStorage: KernelStorage): { readonly modified: boolean } => {
  assertCurrentSchema(kernelStorage.kvStore);
  return { modified: false };
};
