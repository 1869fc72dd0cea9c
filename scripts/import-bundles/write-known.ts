/**
 * `npm run known-import-bundles`: writes `lib/platform/supervisor/known-import-bundles.js`, from
 * the published versions of `@endo/import-bundle` as the installed bundler bundles them, from those
 * installed here and in `spec/real-vats`, and from the bundle that Zoe publishes.
 */
import '@endo/init';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bundleSource from '@endo/bundle-source';
import { packageDirectory, platformSourcePath } from '../../lib/package-paths.js';
import { installRealVats } from '../../spec/real-vats/install.js';
import { addKnownModules, type KnownModules } from './known-modules.js';
import { installVersion, listVersions } from './versions.js';

const known: KnownModules = { entries: new Map(), imports: new Map(), awaiting: new Set() };
const realVats = join(packageDirectory, 'spec/real-vats');
const zoe = join(realVats, 'node_modules/@agoric/zoe/bundles/bundle-contractFacet.js');

const addInstalled = async (folder: string): Promise<void> => {
  const entry = join(folder, 'node_modules/@endo/import-bundle/src/index.js');
  const { endoZipBase64 } = await bundleSource(entry, { format: 'endoZipBase64' });
  addKnownModules(known, endoZipBase64);
};

const folder = await mkdtemp(join(tmpdir(), 'import-bundles-'));
try {
  for (const version of await listVersions()) {
    await addInstalled(await installVersion(folder, version));
  }
} finally {
  await rm(folder, { recursive: true });
}
await addInstalled(packageDirectory);
await installRealVats();
await addInstalled(realVats);
const published = (await import(zoe)) as { default: { endoZipBase64: string } };
addKnownModules(known, published.default.endoZipBase64);

const sorted = (map: ReadonlyMap<string, readonly string[]>): string =>
  JSON.stringify(Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1))));

await writeFile(
  platformSourcePath('supervisor/known-import-bundles.js'),
  `/**
 * Known versions of \`@endo/import-bundle\`, by the beginning of the SHA-512 of each module as
 * bundled. Written by \`npm run known-import-bundles\`, which says where they come from.
 */

/** The exports of each version's own module. */
export const ENTRIES = ${sorted(known.entries)};

/** What each module imports, as names in its package. */
export const IMPORTS = ${sorted(known.imports)};

/** Modules of versions that await the import of an archive. */
export const AWAITING = ${JSON.stringify([...known.awaiting].sort())};
`,
);
