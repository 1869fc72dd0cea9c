/** The bundles of SwingSet's own kernel and system vats: thirteen seconds of work, once a process. */
import { buildKernelBundles } from '@agoric/swingset-vat';
import type { Bundle } from '../../lib/store/types.js';

let made: Promise<Readonly<Record<string, Bundle>>> | undefined;

export const originalKernelBundles = (): Promise<Readonly<Record<string, Bundle>>> => {
  made ??= buildKernelBundles() as Promise<Record<string, Bundle>>;
  return made;
};
