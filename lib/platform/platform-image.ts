/**
 * The platform image: an XS heap snapshot taken after lockdown and supervisor were evaluated in an
 * empty worker (design.md 5).
 *
 * Invariants:
 * 1. An image's bytes follow from engine and bundles alone, so equal platforms have equal
 *    imageIDs on all replicas.
 * 2. An image that is recorded can be made again from its bundles, and is checked against its ID.
 */
import type { Bundle, ImageStore } from '../store/types.js';
import { PlatformImageMismatchError } from './errors.js';
import type { Platform } from './types.js';
import { startXsnapProcess, type WorkerPowers, type XsnapProcess } from './xsnap-process.js';

const scriptOf = (bundle: Bundle): string => `(${String(bundle.source)}\n)()`;

/** Evaluates a platform's bundles, in order, in an empty worker. */
export const evaluateBundles = async (
  process: XsnapProcess,
  bundles: readonly Bundle[],
): Promise<void> => {
  for (const bundle of bundles) await process.evaluate(scriptOf(bundle));
};

/** The image's bytes. Takes about half a second. */
export const makePlatformImage = async (
  bundles: readonly Bundle[],
  powers: WorkerPowers,
): Promise<Uint8Array> => {
  const process = await startXsnapProcess({ powers, name: 'platform-image', meteringLimit: 0 });
  try {
    await evaluateBundles(process, bundles);
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.makeSnapshotStream('platform-image')) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    await process.kill();
  }
};

/** Where it is remembered which image belongs to a platform; local to this machine. */
export interface ImageIndex {
  get(engine: string, bundleIDs: readonly string[]): string | undefined;
  set(engine: string, bundleIDs: readonly string[], imageID: string): void;
}

export interface PlatformImages {
  /** The imageID of a platform; makes the image if the store has none. */
  imageOf(platform: Platform): Promise<string>;
  /**
   * The bytes of a recorded image, made again from `bundles` if the store has lost them.
   *
   * @throws PlatformImageMismatchError when what is made again is not what was recorded.
   */
  load(
    imageID: string,
    bundleIDs: readonly string[],
    getBundle: (bundleID: string) => Bundle,
  ): Promise<Uint8Array>;
}

/** Images of one store. Keeps the bytes of the last one used in memory (about 10 MB). */
export const makePlatformImages = (
  store: ImageStore,
  powers: WorkerPowers,
  index?: ImageIndex,
): PlatformImages => {
  let last: { readonly imageID: string; readonly bytes: Uint8Array } | undefined;
  const made = new Map<string, Promise<string>>();

  const remember = (imageID: string, bytes: Uint8Array): Uint8Array => {
    last = { imageID, bytes };
    return bytes;
  };

  const make = async (platform: Platform): Promise<string> => {
    const { engine } = platform.fingerprint;
    const known = index?.get(engine, platform.bundleIDs);
    if (known !== undefined && store.has(known)) return known;
    const bytes = await makePlatformImage(platform.bundles, powers);
    const imageID = store.save(bytes);
    // Vats started from it elsewhere: with other bytes here, replicas would go apart unseen.
    if (known !== undefined && imageID !== known) {
      throw new PlatformImageMismatchError(known, imageID, platform.bundleIDs);
    }
    remember(imageID, bytes);
    index?.set(engine, platform.bundleIDs, imageID);
    return imageID;
  };

  return {
    imageOf: platform => {
      const key = JSON.stringify([platform.fingerprint.engine, platform.bundleIDs]);
      let pending = made.get(key);
      if (!pending) {
        pending = make(platform);
        made.set(key, pending);
        // A failure (binary missing, say) may be remedied: the next call tries again.
        pending.catch(() => made.delete(key));
      }
      return pending;
    },
    load: async (imageID, bundleIDs, getBundle) => {
      if (last?.imageID === imageID) return last.bytes;
      if (store.has(imageID)) return remember(imageID, store.load(imageID));
      const bytes = await makePlatformImage(bundleIDs.map(getBundle), powers);
      const actual = store.save(bytes);
      if (actual !== imageID) throw new PlatformImageMismatchError(imageID, actual, bundleIDs);
      return remember(imageID, bytes);
    },
  };
};
