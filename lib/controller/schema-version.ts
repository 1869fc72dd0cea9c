import { upgradeTables } from '../state/upgrade-schema.js';
import type { KernelStorage } from '../store/types.js';

/**
 * Converts the kernel's tables of a store that SwingSet made before 0.33 (schemas 0 to 2) to those of
 * SwingSet 0.33, which this kernel reads and writes. A store that has them already is left as it is.
 * Call it before `makeSwingsetController`; it may be called at each boot. If it modified the store,
 * the host commits, and calls `controller.injectQueuedUpgradeEvents()` before it runs anything else.
 *
 * @throws NotInitializedError for an empty store
 * @throws SchemaVersionError for a store of newer software
 * @throws DamagedRowError, KernelStateError for damaged tables; the store is as before
 */
export const upgradeSwingset = (kernelStorage: KernelStorage): { readonly modified: boolean } => ({
  modified: upgradeTables(kernelStorage.kvStore),
});
