/** The two kernels, loaded when a process needs one, so that its peer's code stays out. */
import type { Settings } from './harness/types.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- the peer has no types, and its API is ours */

/** What the bench calls of a kernel's packages. */
export interface KernelPackage {
  readonly initializeSwingset: (...args: any[]) => Promise<unknown>;
  readonly makeSwingsetController: (...args: any[]) => Promise<any>;
  readonly buildKernelBundles: () => Promise<unknown>;
  /** Of a kernel that is itself a bundle. */
  readonly buildKernelBundle?: () => Promise<unknown>;
  /** Builds what the checkout has of the platform. */
  readonly preparePlatform?: (platform: Settings['platform']) => Promise<void>;
  /** Opens a store or makes one. */
  readonly openStore: (dir: string) => { readonly hostStorage: any; readonly kernelStorage: any };
}

const loadHere = async (): Promise<KernelPackage> => {
  const { openSwingStore, ...rest } = await import('../lib/index.js');
  return {
    ...rest,
    preparePlatform: async platform => {
      const { loadPlatform } = await import('../lib/platform/load-platform.js');
      const { OWN, STOCK } = await import('../lib/platform/choices.js');
      await loadPlatform(platform === 'own' ? OWN : STOCK);
    },
    openStore: dir => openSwingStore(dir),
  };
};

const loadPeer = async (): Promise<KernelPackage> => {
  const [vats, { buildKernelBundle }, store]: any[] = await Promise.all([
    import('@agoric/swingset-vat'),
    import('@agoric/swingset-vat/src/controller/initializeSwingset.js'),
    import('@agoric/swing-store'),
  ]);
  return {
    ...vats,
    buildKernelBundle,
    openStore: dir =>
      store.isSwingStore(dir) ? store.openSwingStore(dir) : store.initSwingStore(dir),
  };
};

export const loadKernel = (kernel: 'peer' | 'here'): Promise<KernelPackage> =>
  kernel === 'here' ? loadHere() : loadPeer();
