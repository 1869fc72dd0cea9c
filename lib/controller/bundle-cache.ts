/**
 * Bundles of sources, kept for the life of the process and, where the host names a directory, for
 * later ones. A bundle is handed out again when nothing that its build looked at has changed, which
 * costs a few milliseconds instead of a second. Files of the cache are data: they are parsed, and
 * never imported, because a module stays what it was for the life of the process.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import bundleSource from '@endo/bundle-source';
import type { Bundle } from '../store/types.js';
import { isUnchanged, makeTrackedPowers, type BuildRecord } from './build-record.js';
import type { BundleFormat } from './config-types.js';

export interface BundlingOptions {
  readonly format?: BundleFormat;
  /** Let the source use devDependencies of its package. */
  readonly dev?: boolean;
  /** Directory for bundles that later processes take up again. */
  readonly cachePath?: string;
}

/** All that decides the bundle besides what its build reads. */
interface BuildOrder {
  readonly path: string;
  readonly format: BundleFormat;
  readonly dev: boolean;
}

interface MadeBundle {
  readonly bundle: Bundle;
  readonly record: BuildRecord;
}

/** A file of the cache. */
interface CachedBundle extends BuildOrder, MadeBundle {
  readonly bundler: string;
}

const require = createRequire(import.meta.url);

/** Another bundler may make another bundle of the same sources. */
const bundler = ['@endo/bundle-source', '@endo/compartment-mapper']
  .map(name => `${name} ${(require(`${name}/package.json`) as { version: string }).version}`)
  .join(', ');

const build = async ({ path, format, dev }: BuildOrder): Promise<MadeBundle> => {
  const { powers, record } = makeTrackedPowers();
  const bundle = (await bundleSource(path, { format, dev }, powers)) as Bundle;
  return { bundle: harden(bundle), record };
};

const cacheFile = (cachePath: string, { path, format, dev }: BuildOrder): string => {
  // Sources in different folders may share a base name.
  const order = JSON.stringify([path, format, dev]);
  const suffix = createHash('sha256').update(order).digest('hex').slice(0, 16);
  return join(resolve(cachePath), `${basename(path)}-${suffix}.json`);
};

const readCached = async (file: string, order: BuildOrder): Promise<MadeBundle | undefined> => {
  let cached: Partial<CachedBundle> | null;
  try {
    cached = JSON.parse(await readFile(file, 'utf8')) as typeof cached;
  } catch {
    // Not there, or cut off: it will be made and written anew.
    return undefined;
  }
  const { bundle, record, ...made } = cached ?? {};
  const isOurs = JSON.stringify(made) === JSON.stringify({ bundler, ...order });
  return isOurs && bundle && record ? { bundle: harden(bundle), record } : undefined;
};

const writeCached = async (file: string, order: BuildOrder, made: MadeBundle): Promise<void> => {
  const cached: CachedBundle = { bundler, ...order, ...made };
  const partial = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await mkdir(resolve(file, '..'), { recursive: true });
    await writeFile(partial, JSON.stringify(cached));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
};

/** By order; a promise, so that one build serves all who ask meanwhile. */
const kept = new Map<string, Promise<MadeBundle>>();
/** Files of caches, and the bundle that this process knows to be in each. */
const written = new Map<string, Bundle>();

const isFresh = async (made: Promise<MadeBundle>): Promise<boolean> => {
  try {
    return await isUnchanged((await made).record);
  } catch {
    // A build that failed: the next one tells why, if it fails again.
    return false;
  }
};

const makeOrRead = async (order: BuildOrder, file: string | undefined): Promise<MadeBundle> => {
  const cached = file === undefined ? undefined : await readCached(file, order);
  if (file === undefined || !cached || !(await isUnchanged(cached.record))) return build(order);
  written.set(file, cached.bundle);
  return cached;
};

/** The bundle of the module at an absolute path, from memory, from the cache or newly made. */
export const takeBundle = async (
  path: string,
  { format = 'endoZipBase64', dev = false, cachePath }: BundlingOptions,
): Promise<Bundle> => {
  const order = { path, format, dev };
  const key = JSON.stringify(order);
  const file = cachePath === undefined ? undefined : cacheFile(cachePath, order);
  const known = kept.get(key);
  // Who asks while another checks finds what that one began in its place.
  if (!known || (!(await isFresh(known)) && kept.get(key) === known)) {
    kept.set(key, makeOrRead(order, file));
  }
  const made = await kept.get(key)!;
  if (file !== undefined && written.get(file) !== made.bundle) {
    written.set(file, made.bundle);
    await writeCached(file, order, made);
  }
  return made.bundle;
};
