/**
 * Makes bundles of sources, and tells what bundle a bundle is.
 *
 * Bundles of sources are kept for the life of the process, each with the size and time of every
 * file that went into it: asked for again, it is handed out if no file has changed, which costs a
 * few milliseconds instead of a second.
 */
import crypto, { createHash } from 'node:crypto';
import fs from 'node:fs';
import { basename, resolve } from 'node:path';
import url from 'node:url';
import bundleSource from '@endo/bundle-source';
import { makeNodeBundleCache } from '@endo/bundle-source/cache.js';
import { checkBundle } from '@endo/check-bundle';
import { makeReadPowers } from '@endo/compartment-mapper/node-powers.js';
import { computeBundleID } from '../platform/bundle-id.js';
import type { Bundle } from '../store/types.js';
import type { BundleID } from '../types/ids.js';
import type { BundleFormat } from './config-types.js';
import { BadBundleError, MissingSourceError } from './errors.js';
import { findProblems } from './validate.js';

export interface BundlingOptions {
  readonly format?: BundleFormat;
  /** Let the source use devDependencies of its package. */
  readonly dev?: boolean;
  /** Directory for bundles that later processes take up again. */
  readonly cachePath?: string;
}

interface KeptBundle {
  readonly bundle: Promise<Bundle>;
  readonly stamps: Map<string, string>;
}

const kept = new Map<string, KeptBundle>();

const stampOf = async (path: string): Promise<string> => {
  const { mtimeMs, size } = await fs.promises.stat(path);
  return `${mtimeMs} ${size}`;
};

const isFresh = async ({ bundle, stamps }: KeptBundle): Promise<boolean> => {
  try {
    await bundle;
    const changes = await Promise.all(
      [...stamps].map(async ([path, stamp]) => (await stampOf(path)) !== stamp),
    );
    return !changes.includes(true);
  } catch {
    // A bundle that failed, or a file that is gone: make it anew and let that tell why.
    return false;
  }
};

const makeTracked = (path: string, { format = 'endoZipBase64', dev }: BundlingOptions) => {
  const stamps = new Map<string, string>();
  const powers = makeReadPowers({ fs, url, crypto });
  const read = async (location: string) => {
    const bytes = await powers.read(location);
    const file = url.fileURLToPath(location);
    stamps.set(file, await stampOf(file));
    return bytes;
  };
  // The bundler's own types for its powers contradict each other (`canonical`).
  const tracked: object = { ...powers, read };
  const bundle = bundleSource(path, { format, dev: dev ?? false }, tracked);
  return { bundle: bundle as Promise<Bundle>, stamps };
};

const bundleThroughCache = async (
  path: string,
  { format, dev, cachePath }: BundlingOptions & { readonly cachePath: string },
): Promise<Bundle> => {
  const options = { format: format ?? 'endoZipBase64', dev: dev ?? false };
  const cache = await makeNodeBundleCache(resolve(cachePath), options, id => import(id));
  // The cache keeps one file per name; sources in different folders may share a base name.
  const suffix = createHash('sha256').update(path).digest('hex').slice(0, 12);
  const quiet = () => undefined;
  return (await cache.load(path, `${basename(path)}-${suffix}`, quiet, options)) as Bundle;
};

const bundleOnce = async (path: string, options: BundlingOptions): Promise<Bundle> => {
  const { cachePath, format, dev } = options;
  if (cachePath !== undefined) return bundleThroughCache(path, { ...options, cachePath });
  const key = JSON.stringify([path, format, dev]);
  const known = kept.get(key);
  if (known && (await isFresh(known))) return known.bundle;
  const made = makeTracked(path, options);
  kept.set(key, made);
  return made.bundle;
};

/**
 * A bundle of the module at a path and of all that it imports.
 *
 * @param field - what the reader calls the source, for errors
 * @throws MissingSourceError when there is no such file
 * @throws BadBundleError when it does not parse, or what it imports can't be found
 */
export const bundleFile = async (
  givenPath: string,
  field: string,
  options: BundlingOptions = {},
): Promise<Bundle> => {
  const path = resolve(givenPath);
  if (!fs.existsSync(path)) throw new MissingSourceError(field, path);
  try {
    return harden(await bundleOnce(path, options));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadBundleError(field, `${path} can not be bundled: ${reason}`, { cause: error });
  }
};

/**
 * A finished bundle from a file: JSON, or a module that exports it by default.
 *
 * @throws MissingSourceError when there is no such file
 * @throws BadBundleError when its contents are neither
 */
export const readBundleFile = async (path: string, field: string): Promise<Bundle> => {
  if (!fs.existsSync(path)) throw new MissingSourceError(field, path);
  try {
    const content: unknown = /\.[cm]?js$/.test(path)
      ? ((await import(url.pathToFileURL(path).href)) as { default?: unknown }).default
      : JSON.parse(await fs.promises.readFile(path, 'utf8'));
    return content as Bundle;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadBundleError(field, `${path} holds no bundle: ${reason}`, { cause: error });
  }
};

/**
 * Checks a foreign bundle: its shape, and that its contents are what its hash says.
 *
 * @returns a frozen copy, and its ID
 * @throws BadBundleError
 */
export const checkForeignBundle = async (
  given: unknown,
  field: string,
): Promise<{ readonly bundle: Bundle; readonly bundleID: BundleID }> => {
  const problems = findProblems('bundle', given, field);
  if (problems.length > 0) {
    throw new BadBundleError(field, `not a bundle: ${problems.map(p => p.message).join('; ')}`);
  }
  const bundle = harden({ ...(given as Bundle) });
  if (bundle.moduleFormat === 'endoZipBase64') {
    try {
      await checkBundle(bundle, field);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new BadBundleError(field, `the bundle does not check: ${reason}`, { cause: error });
    }
  }
  return { bundle, bundleID: computeBundleID(bundle) };
};
