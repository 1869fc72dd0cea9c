/** Builds the genesis of a chain: bundles every source, so that all nodes have the same bytes. */
import { builtinVats, bundleBuiltinVat } from '../../controller/builtin-vats.js';
import { bundleFile } from '../../controller/bundling.js';
import { makeCodeResolver } from '../../controller/code-specs.js';
import type { CodeSpec, SwingSetConfig } from '../../controller/config-types.js';
import { deviceSourcePath } from '../../devices/source-path.js';
import { vatSourcePath } from '../../package-paths.js';
import type { Bundle } from '../../store/types.js';
import { HOST_DEVICES } from './devices.js';
import type { ChainGenesis, SystemBundles } from './genesis-types.js';

export interface GenesisSources extends Omit<ChainGenesis, 'systemBundles'> {
  /** May name sources: paths are absolute, as `loadSwingsetConfigFile` leaves them. */
  readonly config: SwingSetConfig;
}

interface BundleCache {
  /** Directory that keeps bundles of unchanged sources between runs. */
  readonly cachePath?: string;
}

/** Bundles the vats and devices that every chain has. */
export const bundleSystem = async (cache: BundleCache = {}): Promise<SystemBundles> => {
  const bundles: [string, Bundle][] = [];
  for (const vat of builtinVats) {
    bundles.push([vat.bundleKey, await bundleBuiltinVat(vat, {}, cache)]);
  }
  for (const name of ['chain', 'proposal']) {
    const path = vatSourcePath(`chain/vat-${name}.js`);
    bundles.push([name, await bundleFile(path, `${name} vat`, cache)]);
  }
  for (const name of HOST_DEVICES) {
    const path = deviceSourcePath(`${name}/device-${name}.js`);
    bundles.push([`${name}Device`, await bundleFile(path, `${name} device`, cache)]);
  }
  return Object.fromEntries(bundles) as unknown as SystemBundles;
};

/** @throws the errors of bundling; `init` checks the rest */
export const buildGenesis = async ({
  config,
  ...others
}: GenesisSources): Promise<ChainGenesis> => {
  const { bundleCachePath, ...kept } = config;
  const cache = bundleCachePath === undefined ? {} : { cachePath: bundleCachePath };
  const resolver = makeCodeResolver(config, {});
  const inline = async <Spec extends CodeSpec>(
    kind: string,
    specs: Readonly<Record<string, Spec>> | undefined,
  ): Promise<Record<string, Spec> | undefined> => {
    if (!specs) return undefined;
    const entries: [string, Spec][] = [];
    for (const [name, spec] of Object.entries(specs)) {
      const { sourceSpec, bundleSpec, ...rest } = spec;
      const isPath = sourceSpec !== undefined || bundleSpec !== undefined;
      const bundleID = isPath && (await resolver.resolve(spec, `config.${kind}.${name}`));
      const bundle = bundleID ? resolver.idToBundle.get(bundleID) : undefined;
      entries.push([name, (bundle ? { ...rest, bundle } : spec) as Spec]);
    }
    return Object.fromEntries(entries);
  };
  const [vats, devices, bundles] = [
    await inline('vats', config.vats),
    await inline('devices', config.devices),
    await inline('bundles', config.bundles),
  ];
  return {
    ...others,
    config: {
      ...kept,
      ...(vats && { vats }),
      ...(devices && { devices }),
      ...(bundles && { bundles }),
    },
    systemBundles: await bundleSystem(cache),
  };
};
