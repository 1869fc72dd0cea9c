/** Real sources: the modules in bundles of vats, and those of the platforms. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ZipReader } from '@endo/zip';
import { packageDirectory } from '../../../../lib/package-paths.js';
import type { Bundle } from '../../../../lib/store/types.js';
import { bundleOf } from '../../../support/shared-bundles.js';

/** The program of a module that the bundler parsed, or the text of any other file. */
const sourcesOf = (text: string): readonly string[] => {
  if (!text.startsWith('{')) return [text];
  const { __syncModuleProgram__: program, source } = JSON.parse(text) as Record<string, unknown>;
  return [text, program, source].filter(each => typeof each === 'string');
};

/** Each module is one line of the script, a JSON array. */
const MODULE_LINE = /^(\[".*"\]),$/gm;

/** The sources in a bundle of either format, as the loader would evaluate them. */
export const modulesOf = (bundle: Bundle): readonly string[] => {
  if (bundle.moduleFormat === 'nestedEvaluate') {
    const script = String(bundle.source);
    const lines = [...script.matchAll(MODULE_LINE)].map(([, line = '']) => line);
    return [script, ...lines.map(line => (JSON.parse(line) as [string])[0])];
  }
  const zip = new ZipReader(Buffer.from(String(bundle.endoZipBase64), 'base64'));
  return [...zip.files.values()].flatMap(({ content }) =>
    sourcesOf(Buffer.from(content).toString('utf8')),
  );
};

/** Vats and devices of the kernel, and what specs, benches and examples run. */
const ROOTS = ['lib', 'spec', 'bench', 'examples'];

/** Files that are bundled for workers, by themselves or as part of another one. */
export const findVatSources = (): readonly string[] =>
  ROOTS.flatMap(root =>
    readdirSync(join(packageDirectory, root), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.js') && /(^|\/)([a-z-]*vats|devices)\//.test(name))
      // What these import is installed in folders of their own.
      .filter(name => !/node_modules|^(real-vats|hosts|drop-in|contracts)\//.test(name))
      .map(name => join(packageDirectory, root, name)),
  );

/** Each source once, of all bundles. */
export const modulesOfVats = async (paths: readonly string[]): Promise<readonly string[]> => {
  const modules = new Set<string>();
  for (const path of paths) {
    for (const source of modulesOf(await bundleOf(path))) modules.add(source);
  }
  return [...modules];
};
