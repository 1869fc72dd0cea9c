/** `npm run schemas`: writes `schemas/*.json` anew. A spec fails when they are out of date. */
import { writeFileSync } from 'node:fs';
import { schemaPath } from '../lib/package-paths.js';
import { renderSchemas } from './schemas.js';

for (const [file, text] of await renderSchemas()) writeFileSync(schemaPath(file), text);
