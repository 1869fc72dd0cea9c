/** The configuration that `run` and `start` read. */
import { statSync } from 'node:fs';
import type { SwingSetConfig } from '../controller/config-types.js';
import { loadBasedir, loadSwingsetConfigFile } from '../controller/config-files.js';
import { NoConfigError } from '../host/solo-host.js';
import type { RunArgs } from './args.js';

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** @throws NoConfigError if none is given */
export const loadConfig = async (
  { config: path, worker, home, strict }: Pick<RunArgs, 'config' | 'worker' | 'home' | 'strict'>,
  warn: (text: string) => void,
): Promise<SwingSetConfig> => {
  if (path === undefined) throw new NoConfigError(home);
  const config = isDirectory(path)
    ? loadBasedir(path)
    : await loadSwingsetConfigFile(path, {
        strict,
        console: { warn: message => warn(String(message)) },
      });
  // The same object goes on, because each of its unknown fields is reported once.
  if (worker !== undefined) config.defaultManagerType = worker;
  return config;
};
