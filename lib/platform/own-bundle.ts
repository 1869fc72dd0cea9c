/**
 * Bundles of our own platform: made from the sources in `lib/platform` and from pinned packages.
 * A checkout builds them on demand and keeps them in `node_modules/.cache`. An installed package
 * has them in `dist`.
 *
 * Invariants:
 * 1. The sources and the pinned packages alone determine a bundle's bytes. Neither the directory of
 *    the checkout nor the machine nor the time does.
 * 2. `pinned.json` names the ID of each bundle. A spec compares it with what a checkout builds, and
 *    an installed package accepts no other bundle.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { takeBundle } from '../bundling/bundle-cache.js';
import type { SourceEdit } from '../bundling/source-edits.js';
import {
  builtPlatformPath,
  isBuilt,
  packageDirectory,
  platformCachePath,
  platformSourcePath,
} from '../package-paths.js';
import { errorText } from '../errors.js';
import type { Bundle } from '../store/types.js';
import { scriptBundleID } from './bundle-id.js';
import { PlatformBundleError } from './errors.js';

export interface OwnBundleSource {
  readonly name: 'lockdown' | 'supervisor';
  /** The module that a worker evaluates, relative to `lib/platform`. */
  readonly entry: string;
  /** Changes to modules of other packages. */
  readonly edits?: readonly SourceEdit[];
}

/** The ID of each bundle. */
export type PinnedBundles = Readonly<Partial<Record<OwnBundleSource['name'], string>>>;

/** The bundler sees the checkout here, because the name of its directory would enter the bundle. */
const SHOWN_DIRECTORY = '/swingset-kernel/';

/**
 * Builds a bundle from its sources, or takes it from the cache if none of them changed.
 *
 * @throws SourceEditError if the sources are not those that the edits were written for
 */
export const buildOwnBundle = async ({ entry, edits }: OwnBundleSource): Promise<Bundle> =>
  takeBundle(platformSourcePath(entry), {
    format: 'nestedEvaluate',
    cachePath: platformCachePath,
    alias: { directory: packageDirectory, as: SHOWN_DIRECTORY },
    ...(edits && { edits }),
  });

/** Builds a bundle into `dist`, for the package. */
export const writeOwnBundle = async (source: OwnBundleSource): Promise<void> => {
  const path = builtPlatformPath(source.name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(await buildOwnBundle(source)));
};

export const readPinnedBundles = async (): Promise<PinnedBundles> =>
  JSON.parse(await readFile(platformSourcePath('pinned.json'), 'utf8')) as PinnedBundles;

/** @throws PlatformBundleError if the file is missing, damaged, or another bundle. */
export const readBuiltBundle = async (
  path: string,
  bundleID: string | undefined,
): Promise<Bundle> => {
  let bundle: Bundle;
  try {
    bundle = JSON.parse(await readFile(path, 'utf8')) as Bundle;
  } catch (error) {
    throw new PlatformBundleError(path, `can not be read: ${errorText(error)}`, { cause: error });
  }
  const actual = scriptBundleID(bundle);
  if (actual !== bundleID) {
    throw new PlatformBundleError(path, `holds bundle ${actual} instead of ${String(bundleID)}`);
  }
  return harden(bundle);
};

/**
 * Returns a bundle of our platform.
 *
 * @throws PlatformBundleError if an installed package is damaged
 * @throws SourceEditError if a checkout has other packages than the pinned ones
 */
export const takeOwnBundle = async (source: OwnBundleSource): Promise<Bundle> =>
  isBuilt
    ? readBuiltBundle(builtPlatformPath(source.name), (await readPinnedBundles())[source.name])
    : buildOwnBundle(source);
