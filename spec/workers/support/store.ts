import { createHash } from 'node:crypto';
import { initSwingStore, openSwingStore } from '@agoric/swing-store';
import type { HostStorage, ImageStore, KernelStorage } from '../../../lib/store/types.js';

/** Images in memory, by hash. */
export const makeMemoryImageStore = (): ImageStore & { forget(): void } => {
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

export interface OpenStore {
  readonly kernelStorage: KernelStorage;
  readonly hostStorage: HostStorage;
  readonly imageStore: ReturnType<typeof makeMemoryImageStore>;
}

const withImages = (store: unknown): OpenStore => {
  const { kernelStorage, hostStorage } = store as Omit<OpenStore, 'imageStore'>;
  const imageStore = makeMemoryImageStore();
  return { kernelStorage: { ...kernelStorage, imageStore }, hostStorage, imageStore };
};

/** A new swing-store of SwingSet, in memory or in a directory, with an image store beside it. */
export const openStore = (directory: string | null = null): OpenStore =>
  withImages(initSwingStore(directory));

/** The store in a directory as it was committed last. */
export const reopenStore = (directory: string): OpenStore => withImages(openSwingStore(directory));
