/** Reads configurations from the file system: `swingset.json`, or a directory of vats. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorText } from '../errors.js';
import { checkKnownFields } from '../unknown-fields.js';
import type { UnknownFieldsOptions } from '../unknown-fields.js';
import type { BundleFormat, CodeSpec, StaticVatSpec, SwingSetConfig } from './config-types.js';
import { ConfigFileError } from './errors.js';
import { isComment, plainConfig } from './plain-values.js';
import { resolveBundleSpec, resolveSourceSpec } from './resolve-spec.js';
import { checkFields } from './validate.js';

export interface LoadBasedirOptions extends UnknownFieldsOptions {
  readonly includeDevDependencies?: boolean;
  readonly bundleFormat?: BundleFormat;
}

const BASEDIR_OPTIONS = ['includeDevDependencies', 'bundleFormat', 'strict', 'console'];

const vatFilePattern = /^vat-(.+)\.js$/;

/**
 * Makes a configuration from a directory: each `vat-NAME.js` is a static vat NAME, and
 * `bootstrap.js` is the bootstrap vat.
 *
 * @throws ConfigFileError when the directory can't be read
 */
export const loadBasedir = (
  basedir: string,
  options?: LoadBasedirOptions | null,
): SwingSetConfig => {
  const { includeDevDependencies = false, bundleFormat, ...checking } = options ?? {};
  checkKnownFields(options ?? {}, BASEDIR_OPTIONS, checking);
  const directory = resolve(basedir);
  let names: readonly string[];
  try {
    names = readdirSync(directory, { withFileTypes: true })
      .filter(entry => !entry.isDirectory())
      .map(entry => entry.name);
  } catch (error) {
    throw new ConfigFileError(directory, `can not be read: ${errorText(error)}`, { cause: error });
  }
  const vats: [string, StaticVatSpec][] = [];
  for (const fileName of names) {
    const vatName = vatFilePattern.exec(fileName)?.[1];
    if (vatName !== undefined) {
      vats.push([vatName, { sourceSpec: join(directory, fileName), parameters: {} }]);
    }
  }
  // By their names, because that is the order of vatIDs: `vat-a-b.js` comes before `vat-a.js`.
  vats.sort(([a], [b]) => (a < b ? -1 : 1));
  const hasBootstrap = names.includes('bootstrap.js');
  if (hasBootstrap) {
    vats.push(['bootstrap', { sourceSpec: join(directory, 'bootstrap.js'), parameters: {} }]);
  }
  const config: SwingSetConfig = { vats: Object.fromEntries(vats), includeDevDependencies };
  if (bundleFormat !== undefined) config.bundleFormat = bundleFormat;
  if (hasBootstrap) config.bootstrap = 'bootstrap';
  return config;
};

const resolvers = { sourceSpec: resolveSourceSpec, bundleSpec: resolveBundleSpec } as const;

/**
 * Completes a configuration in place and returns it: makes paths of sources and bundles absolute,
 * finds modules of packages, and gives vats without `parameters` empty ones.
 *
 * @param configPath - The file that paths are relative to. Default: the current directory.
 * @throws MissingSourceError for a source or bundle that does not exist
 */
export const normalizeConfig = async (
  config: SwingSetConfig,
  configPath = join(process.cwd(), 'swingset.json'),
): Promise<SwingSetConfig> => {
  const from = resolve(configPath);
  for (const kind of ['vats', 'devices', 'bundles'] as const) {
    const entries: Record<string, CodeSpec> = config[kind] ?? {};
    for (const [name, spec] of Object.entries(entries)) {
      if (isComment(name)) continue;
      const field = `config.${kind}.${name}`;
      for (const key of ['sourceSpec', 'bundleSpec'] as const) {
        const given = spec[key];
        if (given !== undefined) spec[key] = resolvers[key](given, from, `${field}.${key}`);
      }
      if (kind === 'vats') (spec as StaticVatSpec).parameters ??= {};
    }
  }
  return config;
};

const parseConfigFile = (path: string): unknown => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigFileError(path, `can not be read: ${errorText(error)}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigFileError(path, `is not JSON: ${errorText(error)}`, { cause: error });
  }
};

export interface LoadConfigOptions extends UnknownFieldsOptions {
  /** Top-level fields of the host, which are no mistake. */
  readonly hostFields?: readonly string[];
}

/**
 * Reads, checks and normalizes a `swingset.json`. Warns of fields that are unknown, and hands them
 * through.
 *
 * @throws ConfigFileError when the file can't be read or is not JSON
 * @throws BadOptionsError for ill-typed fields, and with `strict` for unknown ones
 * @throws MissingSourceError for a source or bundle that does not exist
 */
export const loadSwingsetConfigFile = async (
  configPath: string,
  options?: LoadConfigOptions | null,
): Promise<SwingSetConfig> => {
  const { hostFields: others = [], strict, console } = options ?? {};
  checkKnownFields(options ?? {}, ['hostFields', 'strict', 'console'], { strict, console });
  const path = resolve(configPath);
  const config = parseConfigFile(path);
  const origin = typeof config === 'object' && config !== null ? { origin: config } : {};
  const checks = { strict, console, others, prefix: `${path}: `, ...origin };
  checkFields('swingset-config', plainConfig(config as SwingSetConfig, []), 'config', checks);
  return normalizeConfig(config as SwingSetConfig, path);
};
