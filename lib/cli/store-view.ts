/** Adapts a verification's view to the check of the kernel's tables. */
import type { CheckedStorage } from '../state/check-kernel-state.js';
import { StoreMissingError } from '../store/errors.js';
import type { BundleStore, TranscriptStore } from '../store/types.js';
import type { VerifyView } from '../store/verify-types.js';

/** Offers only the parts of the other stores that the check reads. */
export const asCheckedStorage = ({ get, getNextKey, inventory }: VerifyView): CheckedStorage => {
  const bundleIDs = new Set([...inventory.bundles()].map(({ bundleID }) => bundleID));
  const bundleStore: Pick<BundleStore, 'hasBundle'> = { hasBundle: id => bundleIDs.has(id) };
  const transcriptStore: Pick<TranscriptStore, 'getCurrentSpanBounds'> = {
    getCurrentSpanBounds: vatID => {
      for (const span of inventory.spansOf(vatID)) {
        if (span.isCurrent === 1) return span;
      }
      throw new StoreMissingError(`current span of ${vatID}`);
    },
  };
  return { kvStore: { get, getNextKey }, bundleStore, transcriptStore } as CheckedStorage;
};
