/** A verification's view as the check of the kernel's tables wants to read it. */
import type { CheckedStorage } from '../state/check-kernel-state.js';
import { StoreMissingError } from '../store/errors.js';
import type { BundleStore, TranscriptStore } from '../store/types.js';
import type { VerifyView } from '../store/verify-types.js';

/** Of the other stores as much as that check looks up. */
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
