/**
 * Paths of the files of this package that code reads instead of importing: vat sources, schemas.
 *
 * They are the same whether this module runs from `lib` (tsx) or from `dist` (published). Vat
 * sources are always those in `lib`, so a system vat's bundle has the same hash everywhere.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageRoot = new URL('../', import.meta.url);

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, packageRoot));

/** Absolute path of a system vat's source: `vatSourcePath('timer/vat-timer.js')`. */
export const vatSourcePath = (relative: string): string => pathOf(`lib/vats/${relative}`);

/** Absolute path of a vat's source in `lib/drop-in`. */
export const dropInSourcePath = (relative: string): string => pathOf(`lib/drop-in/${relative}`);

/** Absolute path of a file in `schemas`. */
export const schemaPath = (fileName: string): string => pathOf(`schemas/${fileName}`);

/** The directory of this package, with a slash at its end. */
export const packageDirectory = pathOf('');

/** Absolute path of the command line's entry point, for processes of it. */
export const commandPath = pathOf('bin/swingset-kernel.js');

/** Absolute path of a source that the platform's bundles are made from, or of `pinned.json`. */
export const platformSourcePath = (relative: string): string => pathOf(`lib/platform/${relative}`);

/** Where a checkout keeps the platform's bundles that it built. */
export const platformCachePath = pathOf('node_modules/.cache/swingset-kernel/platform');

/** Where `npm run build` writes a bundle of the platform. */
export const builtPlatformPath = (name: string): string =>
  pathOf(`dist/platform/bundles/${name}.json`);

/** Where `npm run build` writes the inspector's page. */
export const builtPagePath = pathOf('dist/inspector/page');

/** Absolute path of a source of the inspector's page. */
export const pageSourcePath = (relative: string): string =>
  pathOf(`lib/inspector/page/${relative}`);

/** Does this code run from `dist`? Else it runs from `lib`, in a checkout. */
export const isBuilt = import.meta.url.endsWith('/dist/package-paths.js');

/**
 * The engine that `scripts/engine.mjs` has built in a checkout, for specs and examples. Undefined if
 * it has built none.
 */
export const findBuiltEngine = (): string | undefined => {
  const cache = pathOf('node_modules/.cache/cometbft');
  if (!existsSync(cache)) return undefined;
  return readdirSync(cache)
    .map(version => join(cache, version, 'cometbft'))
    .find(path => existsSync(path));
};

export const packageVersion = (): string => {
  const { version } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
};
