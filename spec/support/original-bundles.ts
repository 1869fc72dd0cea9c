/**
 * The bundles of SwingSet's own kernel and system vats. Making them takes 13 s, so it caches them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildKernelBundles } from '@agoric/swingset-vat';
import type { Bundle } from '../../lib/store/types.js';
import { bundleCachePath } from './bundle-cache.js';

type Bundles = Readonly<Record<string, Bundle>>;

// The sources are those of an installed package, so the cached file names its version.
const { version } = createRequire(import.meta.url)('@agoric/swingset-vat/package.json') as {
  version: string;
};
const path = join(bundleCachePath, `swingset-vat-${version}.json`);

const make = async (): Promise<Bundles> => {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Bundles;
  const bundles = (await buildKernelBundles()) as Bundles;
  mkdirSync(bundleCachePath, { recursive: true });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(bundles));
  renameSync(`${path}.${process.pid}`, path);
  return bundles;
};

let made: Promise<Bundles> | undefined;

export const originalKernelBundles = (): Promise<Bundles> => (made ??= make());
