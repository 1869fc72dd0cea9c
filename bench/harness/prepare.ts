/**
 * Makes what all runs share, before the first one: bundles of the bench's vats, of both kernels'
 * built-in vats, and of the peer's kernel. No run bundles anything.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeBundle } from '../../lib/bundling/bundle-cache.js';
import { withSpareResolver } from '../../lib/endo-environment/spare-resolver.js';
import { loadKernel } from '../kernels.js';
import { bundlePath } from './bundle-path.js';
import type { Context, Job } from './types.js';

const VATS = fileURLToPath(new URL('../vats/', import.meta.url));

/** Also the specs' cache. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/swingset-kernel', import.meta.url));

const peerVersion = async (): Promise<string> => {
  const file = new URL('../../node_modules/@agoric/swingset-vat/package.json', import.meta.url);
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
};

/** Kept by version, because they take a minute. */
const preparePeer = async ({ bundles }: Context): Promise<void> => {
  const { buildKernelBundles, buildKernelBundle } = await loadKernel('peer');
  const makers = { 'built-in-peer': buildKernelBundles, 'kernel-peer': buildKernelBundle };
  for (const [name, make] of Object.entries(makers)) {
    const cached = join(CACHE, `${name}-${await peerVersion()}.json`);
    if (!existsSync(cached)) {
      const made = JSON.stringify(await withSpareResolver(async () => make?.()));
      await mkdir(dirname(cached), { recursive: true });
      await writeFile(cached, made);
    }
    await copyFile(cached, bundlePath(bundles, name));
  }
};

const prepareHere = async ({ bundles, settings }: Context): Promise<void> => {
  const { buildKernelBundles, preparePlatform } = await loadKernel('here');
  await preparePlatform?.(settings.platform);
  const write = (name: string, bundle: unknown): Promise<void> =>
    writeFile(bundlePath(bundles, name), JSON.stringify(bundle));
  await write('built-in-here', await buildKernelBundles());
  for (const file of await readdir(VATS)) {
    await write(basename(file, '.js'), await takeBundle(join(VATS, file), { cachePath: CACHE }));
  }
};

export const prepareBundles: Job = {
  name: 'prepare',
  measure: async context => {
    await (context.kernel === 'peer' ? preparePeer(context) : prepareHere(context));
    return {};
  },
};
