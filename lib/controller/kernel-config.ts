/**
 * Turns a host's configuration into the kernel's: checks every field, bundles every source, adds the
 * built-in vats and devices, and fills in defaults.
 *
 * A name may be any text, even `__proto__`. Records by name are therefore made with
 * `Object.fromEntries`: an assignment to such a field would be lost or refused.
 */
import type { KernelConfig, VatCreationOptions } from '../kernel/initial-config.js';
import type { Bundle } from '../store/types.js';
import type { BundleID } from '../types/ids.js';
import { DEFAULT_COMPUTRON_LIMIT } from '../types/vat-limits.js';
import type { ManagerType } from '../types/vat-options.js';
import { VAT_ADMIN, bundleBuiltinVat, chosenBuiltinVats } from './builtin-vats.js';
import { makeCodeResolver } from './code-specs.js';
import type { CodeResolver } from './code-specs.js';
import type { ManagerTypeName, StaticVatOptions, SwingSetConfig } from './config-types.js';
import type { OptionProblem } from './errors.js';
import { jsonCopy } from './json-copy.js';
import { nearestName } from '../nearest-name.js';
import type { InitializationOptions, InitializationPowers } from './option-types.js';
import { plainConfig, plainOptions } from './plain-values.js';
import { checkFields, findProblems, knownFields, throwProblems } from './validate.js';

/** The argument of `initializeSwingsetKernel`. It names no files. */
export interface SwingsetKernelConfig extends KernelConfig {
  readonly idToBundle: ReadonlyMap<BundleID, Bundle>;
}

/** Deliveries, and references in GC deliveries, between two bringOutYourDeads. Source: SwingSet. */
const DEFAULT_REAP_INTERVAL = 1;
const DEFAULT_REAP_GC_KREFS = 20;
/** Transcript entries before the first and between further snapshots. Source: SwingSet. */
const DEFAULT_SNAPSHOT_INITIAL = 3;
const DEFAULT_SNAPSHOT_INTERVAL = 200;

const managerTypes: Readonly<Record<ManagerTypeName, ManagerType>> = {
  xsnap: 'xsnap',
  'xs-worker': 'xsnap',
  local: 'local',
  'node-subprocess': 'local',
};

const toManagerType = (name: ManagerTypeName): ManagerType => managerTypes[name];

const toCreationOptions = ({
  managerType,
  nodeOptions: _none,
  ...others
}: StaticVatOptions): VatCreationOptions => ({
  ...others,
  ...(managerType && { managerType: toManagerType(managerType) }),
});

/** The rules between fields, which no schema can express. */
const findContradictions = (
  config: SwingSetConfig,
  options: InitializationOptions,
): readonly OptionProblem[] => {
  const problems: OptionProblem[] = [];
  const { bootstrap, vats = {}, devices = {} } = config;
  const report = (field: string, value: unknown, expected: string, message: string) =>
    problems.push({ field, value, expected, message: `${field}: ${message}` });
  if (bootstrap !== undefined && !Object.hasOwn(vats, bootstrap)) {
    const near = nearestName(bootstrap, Object.keys(vats));
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    const message = `${JSON.stringify(bootstrap)} is not an entry of config.vats${hint}`;
    report('config.bootstrap', bootstrap, 'the name of an entry of config.vats', message);
  }
  for (const { name, option } of chosenBuiltinVats(options)) {
    if (!Object.hasOwn(vats, name)) continue;
    const message = `a built-in vat has this name; rename it, or pass ${option}: false`;
    report(`config.vats.${name}`, vats[name], 'another name', message);
  }
  const ownsVatAdmin = options.addVatAdmin === false;
  for (const [kind, entries] of [
    ['vat', vats],
    ['device', devices],
  ] as const) {
    const field = `config.${kind}s.${VAT_ADMIN}`;
    const isGiven = Object.hasOwn(entries, VAT_ADMIN);
    if (ownsVatAdmin && !isGiven) {
      const message = `a vat admin ${kind} is required`;
      problems.push({ field, value: undefined, expected: `a ${kind}`, message });
    } else if (!ownsVatAdmin && isGiven && kind === 'device') {
      const message = 'a built-in device has this name; rename it, or pass addVatAdmin: false';
      report(field, entries[VAT_ADMIN], 'another name', message);
    }
  }
  for (const [name, { creationOptions = {} }] of Object.entries(vats)) {
    const { managerType, nodeOptions = [] } = creationOptions;
    if (nodeOptions.length === 0 || managerType === 'node-subprocess') continue;
    const field = `config.vats.${name}.creationOptions.nodeOptions`;
    const message = `nodeOptions requires managerType 'node-subprocess', at ${field}`;
    problems.push({ field, value: nodeOptions, expected: 'nothing', message });
  }
  return problems;
};

const chooseDefaultManagerType = (
  config: SwingSetConfig,
  { env = {} }: InitializationPowers,
): ManagerType => {
  const { SWINGSET_WORKER_TYPE: fromEnv } = env;
  if (config.defaultManagerType) return toManagerType(config.defaultManagerType);
  if (!fromEnv) return 'xsnap';
  const problems = findProblems('vat-creation-options', { managerType: fromEnv }, 'env');
  throwProblems(
    problems.map(({ expected, value }) => {
      const field = 'env.SWINGSET_WORKER_TYPE';
      const message = `${field}: expected ${expected}, got ${JSON.stringify(value)}`;
      return { field, value, expected, message };
    }),
  );
  return toManagerType(fromEnv as ManagerTypeName);
};

type Copy = (value: unknown, field: string) => unknown;

const buildVats = async (
  config: SwingSetConfig,
  options: InitializationOptions,
  { resolve, add }: CodeResolver,
  copy: Copy,
): Promise<KernelConfig['vats']> => {
  const { vats = {}, bootstrap } = config;
  const cache = config.bundleCachePath === undefined ? {} : { cachePath: config.bundleCachePath };
  const built: [string, KernelConfig['vats'][string]][] = [];
  const addVat = async (name: string) => {
    const { parameters = {}, creationOptions = {}, ...code } = vats[name] ?? {};
    const field = `config.vats.${name}`;
    const bundleID = await resolve(code, field);
    built.push([
      name,
      {
        bundleID,
        parameters: copy(parameters, `${field}.parameters`) as Record<string, unknown>,
        creationOptions: toCreationOptions(creationOptions),
      },
    ]);
  };
  if (bootstrap !== undefined) await addVat(bootstrap);
  for (const vat of chosenBuiltinVats(options)) {
    const bundleID = add(await bundleBuiltinVat(vat, options.kernelBundles, cache));
    built.push([vat.name, { bundleID, creationOptions: vat.creationOptions }]);
  }
  // By name and not in the order of the file, so that equal configurations give equal vatIDs.
  for (const name of Object.keys(vats).sort()) if (name !== bootstrap) await addVat(name);
  return Object.fromEntries(built);
};

const buildDevices = async (
  { devices = {} }: SwingSetConfig,
  { resolve }: CodeResolver,
  copy: Copy,
): Promise<KernelConfig['devices']> => {
  const built: [string, KernelConfig['devices'][string]][] = [];
  for (const name of [...new Set([...Object.keys(devices), VAT_ADMIN])].sort()) {
    const spec = devices[name];
    if (!spec) {
      built.push([name, {}]);
      continue;
    }
    const { parameters = {}, creationOptions, ...code } = spec;
    const field = `config.devices.${name}`;
    const bundleID = await resolve(code, field);
    built.push([
      name,
      {
        bundleID,
        parameters: copy(parameters, `${field}.parameters`),
        ...(creationOptions && { creationOptions }),
      },
    ]);
  }
  return Object.fromEntries(built);
};

/** Hosts pass one bag to initialization and to the controller. */
const fieldsOfLaterReaders = [...knownFields('runtime-options'), 'kernelStorage', 'kernelBundles'];

/**
 * Checks and bundles a configuration. Writes nothing outside `config.bundleCachePath`.
 *
 * @param argv - JSON data, normally strings. Becomes `vatParameters.argv` of the bootstrap vat,
 *   unless it is falsy, as in SwingSet.
 * @throws BadOptionsError that lists every field that is ill-typed or contradictory, or unknown if
 *   the host is `strict`
 * @throws MissingSourceError, BadBundleError for a source or bundle that is missing or damaged
 */
export const buildSwingsetKernelConfig = async (
  givenConfig: SwingSetConfig,
  argv?: unknown,
  givenOptions?: InitializationOptions | null,
  givenPowers?: InitializationPowers | null,
): Promise<SwingsetKernelConfig> => {
  const options = plainOptions(givenOptions, knownFields('initialization-options'));
  const powers = plainOptions(givenPowers, knownFields('initialization-powers'));
  const config = plainConfig(givenConfig, knownFields('swingset-config'));
  const { strict = options.strict, console } = powers;
  const originOf = (given: object | null | undefined) => (given ? { origin: given } : {});
  checkFields('initialization-options', options, 'options', {
    ...{ strict, console },
    ...originOf(givenOptions),
  });
  checkFields('initialization-powers', powers, 'runtimeOptions', {
    ...{ strict, console, others: fieldsOfLaterReaders },
    ...originOf(givenPowers),
  });
  checkFields('swingset-config', config, 'config', {
    ...{ strict, console },
    ...originOf(givenConfig),
  });
  throwProblems(findContradictions(config, options));
  const problems: OptionProblem[] = [];
  const copy: Copy = (value, field) => jsonCopy(value, field, problem => problems.push(problem));
  const resolver = makeCodeResolver(config, powers);

  const vats = await buildVats(config, options, resolver, copy);
  const devices = await buildDevices(config, resolver, copy);
  const namedBundleIDs: [string, BundleID][] = [];
  for (const name of Object.keys(config.bundles ?? {}).sort()) {
    const spec = config.bundles?.[name] ?? {};
    namedBundleIDs.push([name, await resolver.resolve(spec, `config.bundles.${name}`)]);
  }
  const argvCopy = argv ? copy(argv, 'argv') : undefined;
  throwProblems(problems);
  return {
    ...(config.bootstrap !== undefined && { bootstrap: config.bootstrap }),
    vats,
    devices,
    namedBundleIDs: Object.fromEntries(namedBundleIDs),
    defaultManagerType: chooseDefaultManagerType(config, powers),
    defaultReapDirtThreshold: {
      deliveries: config.defaultReapInterval ?? DEFAULT_REAP_INTERVAL,
      gcKrefs: config.defaultReapGCKrefs ?? DEFAULT_REAP_GC_KREFS,
      computrons: 'never',
    },
    snapshotInitial: config.snapshotInitial ?? DEFAULT_SNAPSHOT_INITIAL,
    snapshotInterval: config.snapshotInterval ?? DEFAULT_SNAPSHOT_INTERVAL,
    computronLimit: config.computronLimit ?? DEFAULT_COMPUTRON_LIMIT,
    ...(config.heapPolicy && { heapPolicy: config.heapPolicy }),
    relaxDurabilityRules: config.relaxDurabilityRules ?? false,
    pinBootstrapRoot: config.pinBootstrapRoot ?? false,
    ...(argvCopy !== undefined && { argv: argvCopy }),
    idToBundle: resolver.idToBundle,
  };
};
