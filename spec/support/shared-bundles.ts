/** Bundles each source once, while its files don't change. A bundle takes a second or two. */
import { bundleFile } from '../../lib/controller/bundling.js';
import type { CodeSpec, SwingSetConfig } from '../../lib/controller/config-types.js';
import type { Bundle } from '../../lib/store/types.js';
import { bundleCachePath } from './bundle-cache.js';

const made = new Map<string, Promise<Bundle>>();

export const bundleOf = (path: string): Promise<Bundle> => {
  let bundle = made.get(path);
  if (!bundle) {
    bundle = bundleFile(path, 'spec', { cachePath: bundleCachePath });
    made.set(path, bundle);
  }
  return bundle;
};

const bundleEach = async <Spec extends CodeSpec>(
  specs: Readonly<Record<string, Spec>> = {},
): Promise<Record<string, Spec>> => {
  const entries = Object.entries(specs).map(async ([name, { sourceSpec, ...rest }]) => [
    name,
    sourceSpec === undefined ? rest : { ...rest, bundle: await bundleOf(sourceSpec) },
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, Spec>;
};

/** The same configuration with bundles instead of sources. */
export const withBundles = async (config: SwingSetConfig): Promise<SwingSetConfig> => ({
  ...config,
  ...(config.vats && { vats: await bundleEach(config.vats) }),
  ...(config.devices && { devices: await bundleEach(config.devices) }),
  ...(config.bundles && { bundles: await bundleEach(config.bundles) }),
});
