/**
 * The platform image: an XS heap snapshot of an empty worker, taken after lockdown and supervisor
 * were evaluated in it (design.md 5).
 *
 * Invariants:
 * 1. The engine and the bundles alone determine an image's bytes, so equal platforms have equal
 *    imageIDs on all replicas.
 * 2. A recorded image can be rebuilt from its bundles, and is checked against its ID.
 */
import { StoreDamagedError } from '../store/errors.js';
import type { Bundle, ImageStore } from '../store/types.js';
import type { BundleID } from '../types/ids.js';
import { errorText } from '../errors.js';
import { checkArchive } from './check-archive.js';
import { BadImageBundleError, PlatformImageMismatchError } from './errors.js';
import { recipeOf, type ImageRecipe, type Platform } from './types.js';
import { startXsnapProcess, type WorkerPowers, type XsnapProcess } from './xsnap-process.js';

const scriptOf = (bundle: Bundle): string => `(${String(bundle.source)}\n)()`;

/** The bundles that a worker needs before its vat's own. */
export interface PlatformBundles {
  /** Lockdown and supervisor. */
  readonly scripts: readonly Bundle[];
  /** Archives whose modules the supervisor compiles ahead. */
  readonly known: readonly Bundle[];
}

export const readBundles = (
  { bundleIDs, imageBundles }: Omit<ImageRecipe, 'engine'>,
  getBundle: (bundleID: BundleID) => Bundle,
): PlatformBundles => ({
  scripts: bundleIDs.map(getBundle),
  known: imageBundles.map(getBundle),
});

/**
 * Checks the known bundles, for workers that do not. All vats of a platform would share a bad module.
 *
 * @throws BadImageBundleError
 */
export const checkKnown = ({ known }: PlatformBundles): void => {
  for (const bundle of known) {
    try {
      checkArchive(bundle);
    } catch (error) {
      const bundleID = `b1-${String(bundle.endoZipBase64Sha512)}`;
      throw new BadImageBundleError(bundleID, errorText(error), { cause: error });
    }
  }
};

/**
 * Evaluates a platform's bundles in order in an empty worker, which compiles the known ones. These
 * must have passed `checkKnown`.
 */
export const evaluateBundles = async (
  process: XsnapProcess,
  { scripts, known }: PlatformBundles,
): Promise<void> => {
  for (const script of scripts) await process.evaluate(scriptOf(script));
  for (const bundle of known) {
    const { reply } = await process.command(JSON.stringify(['knowBundle', bundle]));
    const answer = reply.toString();
    if (answer !== '["bundleKnown"]') throw Error(`knowBundle was answered with ${answer}`);
  }
};

/**
 * Makes an image and returns its bytes. Takes about half a second, and a fifth of one for each
 * megabyte of known bundles.
 *
 * @throws BadImageBundleError
 */
export const makePlatformImage = async (
  bundles: PlatformBundles,
  powers: WorkerPowers,
): Promise<Uint8Array> => {
  checkKnown(bundles);
  const process = startXsnapProcess({ powers, name: 'platform-image', meteringLimit: 0 });
  try {
    await evaluateBundles(process, bundles);
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.makeSnapshotStream()) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    await process.kill();
  }
};

/** Remembers the image of each platform. Local to this machine. */
export interface ImageIndex {
  get(recipe: ImageRecipe): string | undefined;
}

type GetBundle = (bundleID: BundleID) => Bundle;

export interface PlatformImages {
  /** Returns the imageID of a platform. Makes the image if the store has none. */
  imageOf(platform: Platform, getBundle: GetBundle): Promise<string>;
  /**
   * Returns the bytes of a recorded image, rebuilt from its bundles if the store has lost or
   * damaged them.
   *
   * @throws PlatformImageMismatchError if the rebuilt image differs from the recorded one.
   */
  load(
    imageID: string,
    recipe: Omit<ImageRecipe, 'engine'>,
    getBundle: GetBundle,
  ): Promise<Uint8Array>;
}

/** Undefined if the store has lost the image, or its bytes are damaged: it can be made again. */
const loadKept = (store: ImageStore, imageID: string): Uint8Array | undefined => {
  if (!store.has(imageID)) return undefined;
  try {
    return store.load(imageID);
  } catch (error) {
    if (error instanceof StoreDamagedError) return undefined;
    throw error;
  }
};

/** The images of one store. Keeps the image used last in memory (about 10 MB). */
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

  const make = async (platform: Platform, getBundle: GetBundle): Promise<string> => {
    const recipe = recipeOf(platform);
    const known = index?.get(recipe);
    if (known !== undefined && store.has(known)) return known;
    const scripts = platform.bundles;
    const bundles = { scripts, known: recipe.imageBundles.map(getBundle) };
    const bytes = await makePlatformImage(bundles, powers);
    const imageID = store.save(bytes);
    // Other replicas start vats from the known image. Different bytes here would diverge silently.
    if (known !== undefined && imageID !== known) {
      throw new PlatformImageMismatchError(known, imageID, platform.bundleIDs);
    }
    remember(imageID, bytes);
    return imageID;
  };

  return {
    imageOf: (platform, getBundle) => {
      const key = JSON.stringify(recipeOf(platform));
      let pending = made.get(key);
      if (!pending) {
        pending = make(platform, getBundle);
        made.set(key, pending);
        // The cause may be temporary (a missing binary, for example), so the next call tries again.
        pending.catch(() => made.delete(key));
      }
      return pending;
    },
    load: async (imageID, recipe, getBundle) => {
      if (last?.imageID === imageID) return last.bytes;
      const kept = loadKept(store, imageID);
      if (kept) return remember(imageID, kept);
      const bytes = await makePlatformImage(readBundles(recipe, getBundle), powers);
      const actual = store.save(bytes);
      if (actual !== imageID) {
        throw new PlatformImageMismatchError(imageID, actual, recipe.bundleIDs);
      }
      return remember(imageID, bytes);
    },
  };
};
