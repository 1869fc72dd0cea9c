/** Finds the files that `sourceSpec` and `bundleSpec` name, where SwingSet finds them. */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveImport } from 'import-meta-resolve';
import { MissingSourceError } from './errors.js';

const isFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The module at a path: the file, the file with `.js`, or `index.js` of the directory. */
export const findModule = (path: string): string | undefined =>
  [path, `${path}.js`, resolve(path, 'index.js')].find(isFile);

/** The file that a module next to the configuration would get by `import`. */
const findImport = (spec: string, configPath: string): string | undefined => {
  try {
    // As the bundler imports. For `require`, a package may have another build, or none.
    const path = fileURLToPath(resolveImport(spec, pathToFileURL(configPath).href));
    return isFile(path) ? path : undefined;
  } catch {
    // No such package, or nothing that it exports, or a module of Node's own.
    return undefined;
  }
};

/**
 * The absolute path of a source: a module that the configuration could import, or else a path
 * relative to it.
 *
 * @throws MissingSourceError that names `field`
 */
export const resolveSourceSpec = (spec: string, configPath: string, field: string): string => {
  const path = resolve(dirname(configPath), spec);
  const found = findImport(spec, configPath) ?? findModule(path);
  if (found === undefined) throw new MissingSourceError(field, path);
  return found;
};

/** The same for a bundle, whose name is complete. */
export const resolveBundleSpec = (spec: string, configPath: string, field: string): string => {
  const path = resolve(dirname(configPath), spec);
  const found = findImport(spec, configPath) ?? (existsSync(path) ? path : undefined);
  if (found === undefined) throw new MissingSourceError(field, path);
  return found;
};
