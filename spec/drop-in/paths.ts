/** The paths of this package's `exports`, and the modules behind them, in `lib` or built. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Entry {
  readonly types: string;
  readonly default: string;
}

const root = new URL('../../', import.meta.url);

const { exports: entries } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  readonly exports: Readonly<Record<string, Entry | string>>;
};

export interface ExportedPath {
  /** What a host imports, without the package's name: `tools/run-utils.js`; empty for the entry. */
  readonly path: string;
  /** Absolute path of the source in `lib`. */
  readonly source: string;
  readonly entry: Entry;
}

const sourceOf = ({ types, default: file }: Entry): string =>
  file.startsWith('./dist/')
    ? types.replace('./dist/', 'lib/').replace('.d.ts', '.ts')
    : file.replace('./', '');

/** Paths of modules; not those of schemas and of package.json. */
export const exportedPaths: readonly ExportedPath[] = Object.entries(entries).flatMap(
  ([name, entry]) =>
    typeof entry === 'string'
      ? []
      : {
          path: name.replace(/^\.\/?/, ''),
          source: fileURLToPath(new URL(sourceOf(entry), root)),
          entry,
        },
);

/** Modules that only ava's own workers can import. */
export const needsAva = ({ path }: ExportedPath): boolean =>
  /^tools\/(prepare-.*|dvo-test-harness)\.js$/.test(path);

/** Modules that SwingSet does not have. */
export const isOwn = ({ path }: ExportedPath): boolean => ['chain', 'testing'].includes(path);
