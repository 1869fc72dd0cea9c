/** Reads configurations from the file system: `swingset.json`, or a directory of vats. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveImport } from 'import-meta-resolve';
import { errorText } from '../errors.js';
import { insistKnownFields } from '../known-fields.js';
import type { BundleFormat, CodeSpec, StaticVatSpec, SwingSetConfig } from './config-types.js';
import { BadOptionsError, ConfigFileError, MissingSourceError } from './errors.js';
import type { OptionProblem } from './errors.js';
import { findProblems } from './validate.js';

export interface LoadBasedirOptions {
  readonly includeDevDependencies?: boolean;
  readonly bundleFormat?: BundleFormat;
}

const vatFilePattern = /^vat-(.+)\.js$/;

/**
 * Makes a configuration from a directory: each `vat-NAME.js` is a static vat NAME, and
 * `bootstrap.js` is the bootstrap vat.
 *
 * @throws ConfigFileError when the directory can't be read
 */
export const loadBasedir = (basedir: string, options: LoadBasedirOptions = {}): SwingSetConfig => {
  insistKnownFields(options, ['includeDevDependencies', 'bundleFormat']);
  const { includeDevDependencies = false, bundleFormat } = options;
  const directory = resolve(basedir);
  let names: readonly string[];
  try {
    names = readdirSync(directory, { withFileTypes: true })
      .filter(entry => !entry.isDirectory())
      .map(entry => entry.name)
      .sort();
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
  const hasBootstrap = names.includes('bootstrap.js');
  if (hasBootstrap) {
    vats.push(['bootstrap', { sourceSpec: join(directory, 'bootstrap.js'), parameters: {} }]);
  }
  const config: SwingSetConfig = { vats: Object.fromEntries(vats), includeDevDependencies };
  if (bundleFormat !== undefined) config.bundleFormat = bundleFormat;
  if (hasBootstrap) config.bootstrap = 'bootstrap';
  return config;
};

/** A path relative to the configuration file, or a module that the file could import. */
const resolveSpec = (spec: string, configPath: string, field: string): string => {
  const path = resolve(dirname(configPath), spec);
  if (existsSync(path)) return path;
  if (!/^[./]/.test(spec)) {
    try {
      // Resolved as an import, like the bundler does. For `require`, a package may have another
      // build, or none.
      return fileURLToPath(resolveImport(spec, pathToFileURL(configPath).href));
    } catch {
      // No module of a package either. The error names the path.
    }
  }
  throw new MissingSourceError(field, path);
};

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
      const field = `config.${kind}.${name}`;
      for (const key of ['sourceSpec', 'bundleSpec'] as const) {
        const given = spec[key];
        if (given !== undefined) spec[key] = resolveSpec(given, from, `${field}.${key}`);
      }
    }
  }
  for (const vat of Object.values(config.vats ?? {})) vat.parameters ??= {};
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

/**
 * Reads, checks and normalizes a `swingset.json`.
 *
 * @param options.hostFields - Top-level fields of the host, passed on unchecked.
 * @throws ConfigFileError when the file can't be read or is not JSON
 * @throws BadOptionsError for fields that are unknown or ill-typed
 * @throws MissingSourceError for a source or bundle that does not exist
 */
export const loadSwingsetConfigFile = async (
  configPath: string,
  options: { readonly hostFields?: readonly string[] } = {},
): Promise<SwingSetConfig> => {
  insistKnownFields(options, ['hostFields']);
  const { hostFields = [] } = options;
  const path = resolve(configPath);
  const config = parseConfigFile(path);
  const isHosts = ({ field }: OptionProblem) => hostFields.some(name => field === `config.${name}`);
  const inFile = (problem: OptionProblem) => ({
    ...problem,
    message: `${path}: ${problem.message}`,
  });
  const [first, ...others] = findProblems('swingset-config', config, 'config')
    .filter(problem => !isHosts(problem))
    .map(inFile);
  if (first) throw new BadOptionsError([first, ...others]);
  return normalizeConfig(config as SwingSetConfig, path);
};
