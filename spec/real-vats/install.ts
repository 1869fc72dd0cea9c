/** Zoe, ERTP and Agoric's vats, in a folder with a lockfile of its own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Installs them, unless they are there. Takes about a minute. */
export const installRealVats = async (): Promise<void> => {
  if (existsSync(`${folder}/node_modules/@agoric/zoe`)) return;
  await promisify(execFile)('npm', ['ci', '--no-fund', '--no-audit'], { cwd: folder });
};
