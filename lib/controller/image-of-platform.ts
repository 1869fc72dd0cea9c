/** Which platform image new xsnap incarnations start from (design.md 5). */
import { makePlatformImages } from '../platform/platform-image.js';
import type { ImageIndex } from '../platform/platform-image.js';
import type { Platform } from '../platform/types.js';
import type { WorkerPowers } from '../platform/xsnap-process.js';
import type { KernelState } from '../state/kernel-state.js';
import type { KernelStorage } from '../store/types.js';

/** The image that the vats of this platform record, so that a boot need not make it again. */
export const makeVatImageIndex = ({ vats }: Pick<KernelState, 'vats'>): ImageIndex => ({
  get: ({ engine, bundleIDs, imageBundles }) => {
    for (const vatID of vats.allIDs()) {
      const { workerOptions } = vats.getOptions(vatID);
      if (workerOptions.type !== 'xsnap' || workerOptions.engine !== engine) continue;
      const sameBundles = workerOptions.bundleIDs.join() === bundleIDs.join();
      const sameKnown = (workerOptions.imageBundles ?? []).join() === imageBundles.join();
      if (sameBundles && sameKnown && workerOptions.imageID !== undefined) {
        return workerOptions.imageID;
      }
    }
    return undefined;
  },
});

/**
 * The image of a platform. Makes one, in half a second, when the store has none.
 *
 * A swingset whose default worker is not xsnap has no image: its host needs no xsnap binary, and
 * whether there is an image may depend only on what all replicas share.
 */
export const findPlatformImage = async (
  usesXsnap: boolean,
  platform: Platform,
  { imageStore, bundleStore }: Pick<KernelStorage, 'imageStore' | 'bundleStore'>,
  powers: WorkerPowers,
  index?: ImageIndex,
): Promise<string | undefined> =>
  usesXsnap
    ? makePlatformImages(imageStore, powers, index).imageOf(platform, id =>
        bundleStore.getBundle(id),
      )
    : undefined;
