import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import bundleSource from '@endo/bundle-source';
import type { Bundle } from '../../../lib/store/types.js';
import { computeBundleID } from '../../../lib/platform/bundle-id.js';
import type { BundleID } from '../../../lib/types/ids.js';

export interface VatBundle {
  readonly bundleID: BundleID;
  readonly bundle: Bundle;
}

export const bundlePath = async (path: string): Promise<VatBundle> => {
  const bundle = (await bundleSource(path, { format: 'endoZipBase64' })) as unknown as Bundle;
  return { bundleID: computeBundleID(bundle), bundle };
};

const bundled = new Map<string, Promise<VatBundle>>();

/** The bundle of `spec/workers/vats/<name>.js`, made once per run. */
export const bundleVat = (name: string): Promise<VatBundle> => {
  const made =
    bundled.get(name) ?? bundlePath(fileURLToPath(new URL(`../vats/${name}.js`, import.meta.url)));
  bundled.set(name, made);
  return made;
};

/** A vat with a given number of modules, each of a given length. */
export const bundleLargeVat = async (modules: number, charsEach: number): Promise<VatBundle> => {
  // Within the project, so that the vat's imports are found.
  const directory = await mkdtemp(
    join(fileURLToPath(new URL('../../../', import.meta.url)), 'tmp-'),
  );
  try {
    const names = Array.from({ length: modules }, (_, index) => `text${index}`);
    for (const name of names) {
      const text = name.padEnd(charsEach, '.');
      await writeFile(join(directory, `${name}.js`), `export const ${name} = '${text}';\n`);
    }
    await writeFile(
      join(directory, 'vat.js'),
      [
        `import { Far } from '@endo/far';`,
        ...names.map(name => `import { ${name} } from './${name}.js';`),
        `export const buildRootObject = () =>`,
        `  Far('large', { length: () => [${names.join()}].join('').length });`,
      ].join('\n'),
    );
    return await bundlePath(join(directory, 'vat.js'));
  } finally {
    await rm(directory, { recursive: true });
  }
};
