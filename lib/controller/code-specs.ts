/**
 * Turns the code specs of a configuration (`sourceSpec`, `bundleSpec`, `bundle`, `bundleName`) into
 * bundles with IDs. Keeps each bundle once, however often the configuration names it.
 */
import { computeBundleID } from '../platform/bundle-id.js';
import type { Bundle } from '../store/types.js';
import type { BundleID } from '../types/ids.js';
import { bundleFile, checkForeignBundle, readBundleFile } from './bundling.js';
import type { CodeSpec, SwingSetConfig } from './config-types.js';
import { BadBundleError, BadOptionsError } from './errors.js';
import type { InitializationPowers } from './option-types.js';

export interface CodeResolver {
  /** @param field - The entry's name in errors, for example `config.vats.alice`. */
  readonly resolve: (spec: CodeSpec, field: string) => Promise<BundleID>;
  /** Adds a bundle that needs no check. */
  readonly add: (bundle: Bundle) => BundleID;
  readonly idToBundle: ReadonlyMap<BundleID, Bundle>;
}

/** Follows `bundleName` to an entry of bundles, vats or devices. */
const followNames = (
  config: SwingSetConfig,
  given: CodeSpec,
  givenField: string,
): readonly [CodeSpec, string] => {
  const seen = new Set<string>();
  let spec = given;
  let field = givenField;
  while (spec.bundleName !== undefined) {
    const name = spec.bundleName;
    const kind = (['bundles', 'vats', 'devices'] as const).find(
      one => Object.hasOwn(config[one] ?? {}, name) && !seen.has(`${one}.${name}`),
    );
    if (!kind) {
      const where = `${field}.bundleName`;
      const expected = 'the name of an entry of config.bundles';
      const message = `${where}: ${JSON.stringify(name)} is not an entry of config.bundles`;
      throw new BadOptionsError([{ field: where, value: name, expected, message }]);
    }
    seen.add(`${kind}.${name}`);
    spec = config[kind]?.[name] as CodeSpec;
    field = `config.${kind}.${name}`;
  }
  return [spec, field];
};

export const makeCodeResolver = (
  config: SwingSetConfig,
  powers: InitializationPowers,
): CodeResolver => {
  const idToBundle = new Map<BundleID, Bundle>();
  const format = config.bundleFormat ?? config.format;
  const dev = config.includeDevDependencies ?? false;
  const cachePath = config.bundleCachePath;
  const common = { dev, ...(format && { format }) };

  const add = (bundle: Bundle): BundleID => {
    const bundleID = computeBundleID(bundle);
    if (!idToBundle.has(bundleID)) idToBundle.set(bundleID, bundle);
    return bundleID;
  };

  const addForeign = async (given: unknown, field: string): Promise<BundleID> =>
    add((await checkForeignBundle(given, field)).bundle);

  const load = async (spec: CodeSpec, field: string): Promise<BundleID> => {
    const { sourceSpec, bundleSpec, bundle } = spec;
    if (bundle !== undefined) return addForeign(bundle, `${field}.bundle`);
    if (bundleSpec !== undefined) {
      const where = `${field}.bundleSpec`;
      const read = powers.bundleFromPath ?? (path => readBundleFile(path, where));
      return addForeign(await read(bundleSpec), where);
    }
    const path = sourceSpec as string;
    if (powers.bundleFromSourceSpec) return add(await powers.bundleFromSourceSpec(path, common));
    const options = { ...common, ...(cachePath !== undefined && { cachePath }) };
    return add(await bundleFile(path, `${field}.sourceSpec`, options));
  };

  return {
    idToBundle,
    add,
    resolve: async (given, givenField) => {
      const [spec, field] = followNames(config, given, givenField);
      const bundleID = await load(spec, field);
      for (const [hash, where] of [
        [spec.bundleHash, field],
        [given.bundleHash, givenField],
      ]) {
        if (hash !== undefined && hash !== bundleID) {
          throw new BadBundleError(
            `${where}.bundleHash`,
            `expected ${hash}, the code is ${bundleID}`,
          );
        }
      }
      return bundleID;
    },
  };
};
