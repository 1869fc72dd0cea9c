/** Part of `npm run build`: writes the inspector's page to `dist`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPage } from '../lib/inspector/build-page.js';
import { builtPagePath } from '../lib/package-paths.js';

await mkdir(builtPagePath, { recursive: true });
for (const [name, body] of await buildPage()) await writeFile(join(builtPagePath, name), body);
