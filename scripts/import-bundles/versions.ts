/** The published versions of `@endo/import-bundle`, each in a folder of its own. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PACKAGE = '@endo/import-bundle';
const run = promisify(execFile);

/**
 * Those from 1.2 on. Older ones read their options before the first turn, and wrap compartments in
 * another way.
 */
export const listVersions = async (): Promise<readonly string[]> => {
  const { stdout } = await run('npm', ['view', PACKAGE, 'versions', '--json']);
  return (JSON.parse(stdout) as string[]).filter(version => {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    return major > 1 || (major === 1 && minor >= 2);
  });
};

/** Installs a version below a folder, with the newest dependencies that it allows, and others. */
export const installVersion = async (
  folder: string,
  version: string,
  ...others: readonly string[]
): Promise<string> => {
  const path = join(folder, version);
  await mkdir(path, { recursive: true });
  await writeFile(
    join(path, 'package.json'),
    '{ "name": "host", "version": "0.0.0", "type": "module", "private": true }\n',
  );
  const options = ['--no-fund', '--no-audit', '--ignore-scripts'];
  await run('npm', ['install', ...options, `${PACKAGE}@${version}`, ...others], { cwd: path });
  return path;
};
