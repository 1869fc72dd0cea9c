import { createHash } from 'node:crypto';
import { initSwingStore, openSwingStore, type SwingStore } from '../../../lib/store/swing-store.js';
import type { ImageStore } from '../../../lib/store/types.js';

/** A new store, in memory or in a directory. */
export const openStore = (directory: string | null = null): SwingStore => initSwingStore(directory);

/** The store in a directory, at its last commit. */
export const reopenStore = (directory: string): SwingStore => openSwingStore(directory);

/** Images in memory, which may be lost. */
export const makeMemoryImageStore = (): ImageStore & { forget: () => void } => {
  const images = new Map<string, Uint8Array>();
  return {
    has: imageID => images.has(imageID),
    load: imageID => {
      const bytes = images.get(imageID);
      if (!bytes) throw Error(`no image ${imageID}`);
      return bytes;
    },
    save: bytes => {
      const imageID = createHash('sha256').update(bytes).digest('hex');
      images.set(imageID, bytes);
      return imageID;
    },
    forget: () => {
      images.clear();
    },
  };
};
