// `node scripts/clean.mjs DIR`: deletes a build folder, so that nothing stale is published.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

for (const dir of process.argv.slice(2)) {
  rmSync(fileURLToPath(new URL(`../${dir}`, import.meta.url)), { recursive: true, force: true });
}
