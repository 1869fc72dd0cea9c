import '../endo-environment/load.js';
import { buildKernelBundles } from '../controller/builtin-vats.js';
import type { KernelBundles } from '../controller/option-types.js';
import type { Bundle } from '../store/types.js';

export { buildKernelBundles };
export {
  loadBasedir,
  loadSwingsetConfigFile,
  normalizeConfig,
} from '../controller/config-files.js';
export {
  initializeSwingset,
  initializeSwingsetKernel,
  swingsetIsInitialized,
} from '../controller/initialize.js';
export { buildSwingsetKernelConfig } from '../controller/kernel-config.js';
export type {
  InitializationOptions,
  InitializationPowers as InitializeSwingsetRuntimeOptions,
} from '../controller/option-types.js';

/** An empty bundle: this kernel is no bundle. */
export const buildKernelBundle = async (): Promise<Bundle> => harden({ moduleFormat: 'none' });

/** Bundles of the built-in vats; `adminDevice` is empty, because its code is part of the kernel. */
export const buildVatAndDeviceBundles = async (): Promise<KernelBundles> => {
  const { kernel: _kernel, ...bundles } = await buildKernelBundles();
  return harden(bundles);
};
