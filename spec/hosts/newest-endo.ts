/** The newest generation of endo, in a folder with a lockfile of its own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = fileURLToPath(new URL('ses2', import.meta.url));

/** Installs it, unless it is there. Takes seconds. */
export const installNewestEndo = async (): Promise<void> => {
  if (existsSync(`${folder}/node_modules/ses`)) return;
  await promisify(execFile)('npm', ['ci', '--no-fund', '--no-audit', '--prefix', folder]);
};
