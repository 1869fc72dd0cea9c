/** Part of `npm run build`: writes the bundles of our platform to `dist`. */
import '@endo/init';
import { writeOwnBundle } from '../lib/platform/own-bundle.js';
import { OWN_SOURCES } from '../lib/platform/own-sources.js';

for (const source of OWN_SOURCES) await writeOwnBundle(source);
