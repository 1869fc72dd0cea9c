/**
 * Bundles the page from its sources and from `preact` and `uplot`, whose licences go into a file
 * beside the bundle. For `npm run build` and for checkouts: an installed package has no bundler.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { packageDirectory, pageSourcePath } from '../package-paths.js';

/** Files that are served as they are. */
const PLAIN = ['index.html', 'icon.svg'] as const;

/** Packages whose code is in the bundle. */
const BUNDLED = ['preact', 'uplot'] as const;

const LICENSES_FILE = 'LICENSES.txt';

const readLicenses = async (): Promise<Uint8Array> => {
  const texts = await Promise.all(
    BUNDLED.map(async name => {
      const path = join(packageDirectory, 'node_modules', name, 'LICENSE');
      return `${name}\n\n${await readFile(path, 'utf8')}`;
    }),
  );
  return new TextEncoder().encode(texts.join('\n\n'));
};

/** @returns the contents of each file of the page, by name. @throws esbuild's errors */
export const buildPage = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: { page: pageSourcePath('main.tsx'), style: pageSourcePath('style.css') },
    // Nothing is written there.
    outdir: pageSourcePath('out'),
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'inline',
    banner: { js: `/* Licences of what is bundled here: ${LICENSES_FILE} */` },
    logLevel: 'silent',
  });
  const plain = await Promise.all(PLAIN.map(name => readFile(pageSourcePath(name))));
  return new Map<string, Uint8Array>([
    ...outputFiles.map(({ path, contents }) => [basename(path), contents] as const),
    [LICENSES_FILE, await readLicenses()],
    ...PLAIN.map((name, index) => [name, plain[index] ?? new Uint8Array()] as const),
  ]);
};
