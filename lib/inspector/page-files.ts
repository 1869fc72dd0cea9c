/**
 * The files of the page. An installed package has them in `dist`; a checkout bundles them from
 * `lib/inspector/page` when the inspector starts.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtPagePath, isBuilt } from '../package-paths.js';

export interface PageFile {
  /** Media type. */
  readonly type: string;
  readonly body: Uint8Array;
}

export interface PageFiles {
  /** The document, for every view. */
  readonly index: PageFile;
  /** What it loads, by name. */
  readonly files: ReadonlyMap<string, PageFile>;
}

const INDEX = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
};

const typeOf = (name: string): string =>
  TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';

const readBuiltFiles = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
  const names = await readdir(builtPagePath);
  const bodies = await Promise.all(names.map(name => readFile(join(builtPagePath, name))));
  return new Map(names.map((name, index) => [name, bodies[index] ?? new Uint8Array()]));
};

const buildFiles = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
  // Only a checkout has the bundler.
  const { buildPage } = await import('./build-page.js');
  return buildPage();
};

/** @throws system errors if an installed package is damaged, and the bundler's errors */
export const loadPageFiles = async (): Promise<PageFiles> => {
  const bodies = await (isBuilt ? readBuiltFiles() : buildFiles());
  const fileOf = (name: string, body: Uint8Array): PageFile => ({ type: typeOf(name), body });
  const files = new Map(
    [...bodies]
      .filter(([name]) => name !== INDEX)
      .map(([name, body]) => [name, fileOf(name, body)] as const),
  );
  return { index: fileOf(INDEX, bodies.get(INDEX) ?? new Uint8Array()), files };
};
