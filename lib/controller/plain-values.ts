/**
 * Configurations and options bags without what says nothing: comments, and `null` in the place of
 * "none", where SwingSet takes it.
 */
import type { SwingSetConfig } from './config-types.js';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys that begin with `$` are comments, everywhere in a configuration. */
export const isComment = (name: string): boolean => name.startsWith('$');

/** Options of SwingSet. `null` is none, but not for options of ours, where it may be a mistake. */
const optionsOfSwingSet: ReadonlySet<string> = new Set([
  ...['bundleHandler', 'debugPrefix', 'debugVats', 'deviceEndowments', 'env', 'kernelBundle'],
  ...['kernelBundles', 'overrideVatManagerOptions', 'profileVats', 'slogCallbacks', 'slogSender'],
  ...['spawn', 'testTrackDecref', 'verbose', 'warehousePolicy', 'xsnapBundleData'],
]);

const fieldsOfConfig: ReadonlySet<string> = new Set([
  ...['bootstrap', 'vats', 'devices', 'bundles', 'bundleCachePath', 'bundleFormat', 'format'],
  ...['defaultManagerType', 'includeDevDependencies', 'pinBootstrapRoot', 'relaxDurabilityRules'],
]);

const fieldsOfEntry: ReadonlySet<string> = new Set(['parameters', 'creationOptions']);

/** A copy of an object without the `names` that are null. */
const withoutNulls = (value: object, names: ReadonlySet<string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value).filter(([name, field]) => field !== null || !names.has(name)),
  );

const readField = (value: unknown): unknown =>
  Array.isArray(value) ? [...(value as unknown[])] : value;

/**
 * A copy of an object whose fields may be getters: what is checked is what is used.
 *
 * @param names - the fields that are known, also if a class has them. Own ones are copied in any case.
 */
export const readOnce = <T>(given: T, names: readonly string[]): T => {
  if (!isObject(given)) return given;
  const found = new Set([...Object.keys(given), ...names.filter(name => name in given)]);
  return Object.fromEntries([...found].map(name => [name, readField(given[name])])) as T;
};

/**
 * An options bag that may be null or hold nulls of SwingSet's. Other values stay, for the check.
 *
 * @param names - as for `readOnce`
 */
export const plainOptions = <T>(given: T | null | undefined, names: readonly string[]): T => {
  if (given === null || given === undefined) return {} as T;
  return isObject(given) ? (withoutNulls(readOnce(given, names), optionsOfSwingSet) as T) : given;
};

const withoutComments = (value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !isComment(name)));

const plainEntry = (given: unknown): unknown => {
  if (!isObject(given)) return given;
  const { creationOptions, ...entry } = withoutNulls(withoutComments(given), fieldsOfEntry);
  if (creationOptions === undefined) return entry;
  const options = isObject(creationOptions) ? withoutComments(creationOptions) : creationOptions;
  return { ...entry, creationOptions: options };
};

/** The vats, devices or bundles of a configuration. */
const plainEntries = (given: unknown): unknown =>
  isObject(given)
    ? Object.fromEntries(
        Object.entries(withoutComments(given)).map(([name, entry]) => [name, plainEntry(entry)]),
      )
    : given;

/**
 * A copy of a configuration, as far as the kernel reads it. Any other value stays as it is.
 *
 * @param names - as for `readOnce`
 */
export const plainConfig = (given: SwingSetConfig, names: readonly string[]): SwingSetConfig => {
  if (!isObject(given)) return given;
  const config = withoutNulls(withoutComments(readOnce(given, names)), fieldsOfConfig);
  for (const kind of ['vats', 'devices', 'bundles']) {
    if (config[kind] !== undefined) config[kind] = plainEntries(config[kind]);
  }
  return config;
};
