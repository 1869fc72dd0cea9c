/**
 * A directory of bundles in endo's format, which tests of several packages share. The kernel's own
 * cache of bundles is another (`config.bundleCachePath`).
 */
import { makeNodeBundleCache as makeEndoBundleCache } from '@endo/bundle-source/cache.js';
import { withSpareResolver } from '../endo-environment/spare-resolver.js';

type EndoArguments = Parameters<typeof makeEndoBundleCache>;
export type BundleCache = Awaited<ReturnType<typeof makeEndoBundleCache>>;
export type BundleCacheOptions = EndoArguments[1];
type LoadModule = EndoArguments[2];

const DIM = '\u001b[2m';
const UNDIM = '\u001b[22m';

const logLine = (...args: unknown[]): void => {
  const words = args.map(arg => (arg instanceof Error ? arg.message : arg));
  console.log(`${DIM}[bundleTool]`, ...words, UNDIM);
};

/**
 * Opens a cache in the directory `dest`.
 *
 * @param loadModule - Imports Node's modules: `specifier => import(specifier)`.
 * @param pid - Number in the names of files that are being written; default that of this process.
 */
export const makeNodeBundleCache = async (
  dest: string,
  options: BundleCacheOptions,
  loadModule: LoadModule,
  pid?: number,
): Promise<BundleCache> => {
  const cache = await makeEndoBundleCache(dest, { log: logLine, ...options }, loadModule, pid);
  const { add, load, validateOrAdd } = cache;
  return harden({
    ...cache,
    add: (...args: Parameters<typeof add>) => withSpareResolver(() => add(...args)),
    load: (...args: Parameters<typeof load>) => withSpareResolver(() => load(...args)),
    validateOrAdd: (...args: Parameters<typeof validateOrAdd>) =>
      withSpareResolver(() => validateOrAdd(...args)),
  });
};

/** By directory and options. A promise, so that concurrent callers get the same cache. */
const provided = new Map<string, Promise<BundleCache>>();

/** The cache of this process for a directory and options: made at the first call. */
export const provideBundleCache = (
  dest: string,
  options: BundleCacheOptions & { readonly format?: string },
  loadModule: LoadModule,
  pid?: number,
): Promise<BundleCache> => {
  const key = JSON.stringify([dest, options.format, options.dev]);
  const known = provided.get(key) ?? makeNodeBundleCache(dest, options, loadModule, pid);
  provided.set(key, known);
  return known;
};
harden(provideBundleCache);

/** A cache with all powers of this process. */
export const unsafeMakeBundleCache = (dest: string): Promise<BundleCache> =>
  makeNodeBundleCache(dest, {}, (specifier: string) => import(specifier));

/** The cache in the directory `bundles` of the current one. */
export const unsafeSharedBundleCache: Promise<BundleCache> = unsafeMakeBundleCache('bundles');
