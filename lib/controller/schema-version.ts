import { assertCurrentSchema } from '../state/schema-version.js';
import type { KernelStorage } from '../store/types.js';

/**
 * For hosts of SwingSet, which call it before `makeSwingsetController`. There is one version of the
 * tables that this kernel reads and writes, that of SwingSet 0.33: a store that has it is left as
 * it is, and any other is refused with the remedy.
 *
 * @throws NotInitializedError for an empty store
 * @throws SchemaVersionError for a store of another version
 */
export const upgradeSwingset = (kernelStorage: KernelStorage): { readonly modified: boolean } => {
  assertCurrentSchema(kernelStorage.kvStore);
  return { modified: false };
};
