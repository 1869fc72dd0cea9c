/** `npm run pin-platform`: writes the IDs of our platform's bundles to `lib/platform/pinned.json`. */
import '@endo/init';
import { writeFile } from 'node:fs/promises';
import { platformSourcePath } from '../lib/package-paths.js';
import { scriptBundleID } from '../lib/platform/bundle-id.js';
import { buildOwnBundle } from '../lib/platform/own-bundle.js';
import { OWN_SOURCES } from '../lib/platform/own-sources.js';

const pinned: Record<string, string> = {};
for (const source of OWN_SOURCES) {
  pinned[source.name] = scriptBundleID(await buildOwnBundle(source));
}
await writeFile(platformSourcePath('pinned.json'), `${JSON.stringify(pinned, null, 2)}\n`);
