/** Can a vat's present incarnation still be loaded? A function of what is recorded (design.md 4). */
import type { Platform } from '../platform/types.js';
import type { BundleStore } from '../store/types.js';
import type { VatOptions } from '../types/vat-options.js';

/**
 * An xsnap vat can when it runs on the running engine and its bundles are there. Stores made by
 * SwingSet don't say which engine they know: such a vat can if the host says it, and else counts as
 * not loadable.
 */
export const isLoadable = (
  platform: Platform,
  bundleStore: BundleStore,
  { workerOptions }: VatOptions,
  assumedEngine?: string,
): boolean =>
  workerOptions.type === 'local' ||
  ((workerOptions.engine ?? assumedEngine) === platform.fingerprint.engine &&
    workerOptions.bundleIDs.every(bundleID => bundleStore.hasBundle(bundleID)));
