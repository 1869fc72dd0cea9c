/**
 * Bundles of sources, kept for the life of the process and, when the host names a directory, for
 * later processes. A bundle is reused while nothing that its build read has changed; checking that
 * takes milliseconds, and a build takes a second. Cache files are parsed and never imported, because
 * an imported module can't be read again.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import bundleSource from '@endo/bundle-source';
import { withSpareResolver } from '../endo-environment/spare-resolver.js';
import type { Bundle } from '../store/types.js';
import {
  isBuildRecord,
  isUnchanged,
  makeTrackedPowers,
  showAs,
  type Alias,
  type BuildRecord,
} from './build-record.js';
import { readCacheFile, writeCacheFile } from './cache-file.js';
import { makeEditor, type SourceEdit } from './source-edits.js';

export interface BundlingOptions {
  readonly format?: 'endoZipBase64' | 'nestedEvaluate';
  /** The source may use devDependencies of its package. */
  readonly dev?: boolean;
  /** Directory that keeps bundles for later processes, if it can be written. */
  readonly cachePath?: string;
  /** Keeps the name and place of a directory out of the bundle. The bundler sees it there instead. */
  readonly alias?: Alias;
  /** Changes to sources on their way into the bundle. */
  readonly edits?: readonly SourceEdit[];
}

/** Everything that decides the bundle besides what its build reads. */
interface BuildOrder {
  readonly path: string;
  readonly format: 'endoZipBase64' | 'nestedEvaluate';
  readonly dev: boolean;
  readonly alias?: Alias;
  readonly edits?: readonly SourceEdit[];
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

/** Another version of the bundler may make another bundle from the same sources. */
const bundler = ['@endo/bundle-source', '@endo/compartment-mapper']
  .map(name => `${name} ${(require(`${name}/package.json`) as { version: string }).version}`)
  .join(', ');

const build = async ({ path, format, dev, alias, edits }: BuildOrder): Promise<MadeBundle> => {
  const editor = edits && makeEditor(edits);
  const { powers, record } = makeTrackedPowers({
    ...(alias && { alias }),
    ...(editor && { edit: editor.edit }),
  });
  const bundle = (await withSpareResolver(() =>
    bundleSource(alias ? showAs(path, alias) : path, { format, dev }, powers),
  )) as Bundle;
  editor?.assertComplete();
  return { bundle: harden(bundle), record };
};

const cacheFile = (cachePath: string, order: BuildOrder): string => {
  // Sources in different folders may share a base name.
  const suffix = createHash('sha256').update(JSON.stringify(order)).digest('hex').slice(0, 16);
  const { path } = order;
  return join(resolve(cachePath), `${basename(path)}-${suffix}.json`);
};

const CONTENTS: Readonly<Record<string, readonly string[]>> = {
  endoZipBase64: ['endoZipBase64', 'endoZipBase64Sha512'],
  nestedEvaluate: ['source'],
};

const isBundle = (value: unknown): value is Bundle => {
  if (typeof value !== 'object' || value === null) return false;
  const bundle = value as Bundle;
  const fields = CONTENTS[bundle.moduleFormat];
  return fields !== undefined && fields.every(field => typeof bundle[field] === 'string');
};

/** Undefined when there is no such bundle, or none to trust: it is made and written again. */
const readCached = async (file: string, order: BuildOrder): Promise<MadeBundle | undefined> => {
  const cached = (await readCacheFile(file)) as
    Partial<Record<keyof CachedBundle, unknown>> | null | undefined;
  const { bundle, record, ...made } = cached ?? {};
  const isOurs = JSON.stringify(made) === JSON.stringify({ bundler, ...order });
  return isOurs && isBundle(bundle) && isBuildRecord(record)
    ? { bundle: harden(bundle), record }
    : undefined;
};

/** By order. A promise, so that one build serves all concurrent callers. */
const kept = new Map<string, Promise<MadeBundle>>();
/** Cache files, and the bundle that this process knows to be in each. */
const written = new Map<string, Bundle>();

const isFresh = async (made: Promise<MadeBundle>): Promise<boolean> => {
  try {
    return isUnchanged((await made).record);
  } catch {
    // That build failed. The next one reports why, if it fails as well.
    return false;
  }
};

const makeOrRead = async (order: BuildOrder, file: string | undefined): Promise<MadeBundle> => {
  const cached = file === undefined ? undefined : await readCached(file, order);
  if (file === undefined || !cached || !isUnchanged(cached.record)) return build(order);
  written.set(file, cached.bundle);
  return cached;
};

/** The bundle of the module at an absolute path: from memory, from the cache, or built now. */
export const takeBundle = async (
  path: string,
  { format = 'endoZipBase64', dev = false, cachePath, alias, edits }: BundlingOptions,
): Promise<Bundle> => {
  const order = { path, format, dev, ...(alias && { alias }), ...(edits && { edits }) };
  const key = JSON.stringify(order);
  const file = cachePath === undefined ? undefined : cacheFile(cachePath, order);
  const known = kept.get(key);
  // Another caller may have begun a build while this one checked.
  if (!known || (!(await isFresh(known)) && kept.get(key) === known)) {
    kept.set(key, makeOrRead(order, file));
  }
  const made = await kept.get(key)!;
  if (file !== undefined && written.get(file) !== made.bundle) {
    written.set(file, made.bundle);
    await writeCacheFile(file, { bundler, ...order, ...made } satisfies CachedBundle);
  }
  return made.bundle;
};
