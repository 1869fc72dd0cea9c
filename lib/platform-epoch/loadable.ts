/** Can a vat's present incarnation still be loaded? A function of what is recorded (design.md 4). */
import type { PlatformEpochRecord } from '../types/platform-epoch.js';
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

/**
 * Has the liveslots of local workers, which is the installed one and no part of their vat's record,
 * surely been the same since the present incarnations began? As far as the ledger says, whose last
 * record is that of the restart under way: it must say so of the epoch that all vats were restarted
 * for before, and of those whose restarts did not finish.
 */
export const hasSameLiveslots = (
  platform: Platform,
  ledger: readonly Pick<PlatformEpochRecord, 'status' | 'fingerprint'>[],
): boolean => {
  const before = ledger.slice(0, -1);
  const started = before.findLastIndex(({ status }) => status !== 'in-progress');
  const { supervisor } = platform.fingerprint;
  return (
    started >= 0 &&
    before.slice(started).every(({ fingerprint }) => fingerprint.supervisor === supervisor)
  );
};
