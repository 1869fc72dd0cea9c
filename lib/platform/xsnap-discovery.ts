/** Finds the installed xsnap engine: its binary, and its name, which is equal on all replicas. */
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { METER_TYPE } from '@agoric/xsnap/api.js';
import { EngineUnknownError, XsnapNotBuiltError, XsnapUnsupportedError } from './errors.js';

const packageRoot = new URL('./', import.meta.resolve('@agoric/xsnap/api.js'));

const binaryFolders: Readonly<Record<string, string>> = { Linux: 'lin', Darwin: 'mac' };

/**
 * Returns the expected path of the worker binary.
 *
 * @param os - from `os.type()`
 * @throws XsnapUnsupportedError if xsnap can't be built there.
 */
export const xsnapBinaryPath = (os: string): string => {
  const folder = binaryFolders[os];
  if (folder === undefined) throw new XsnapUnsupportedError(os);
  const path = `xsnap-native/xsnap/build/bin/${folder}/release/xsnap-worker`;
  return fileURLToPath(new URL(path, packageRoot));
};

/**
 * Checks that a worker binary exists and is executable.
 *
 * @throws XsnapNotBuiltError, which says how to build it.
 */
export const checkXsnapBinary = async (path: string): Promise<void> => {
  try {
    await access(path, constants.X_OK);
  } catch (cause) {
    throw new XsnapNotBuiltError(path, { cause });
  }
};

const commitOf = (buildEnv: string, name: string, path: string): string => {
  const found = new RegExp(`^${name}=([0-9a-f]+)\\s*$`, 'm').exec(buildEnv)?.[1];
  if (!found) throw new EngineUnknownError(path, name);
  return found.slice(0, 8);
};

/** Returns the engine's name for a fingerprint, from its package's version and `build.env`. */
export const formatEngine = (version: string, buildEnv: string, path: string): string => {
  const moddable = commitOf(buildEnv, 'MODDABLE_COMMIT_HASH', path);
  const native = commitOf(buildEnv, 'XSNAP_NATIVE_COMMIT_HASH', path);
  return `xsnap ${version} (moddable ${moddable}, xsnap-native ${native}, ${METER_TYPE})`;
};

/**
 * Returns engine and snapshot format of the installed `@agoric/xsnap`: its version, the commits
 * that its `build.env` pins, and its meter type.
 *
 * @throws EngineUnknownError if the package lacks one of them.
 */
export const readEngine = async (): Promise<string> => {
  const buildEnvPath = fileURLToPath(new URL('build.env', packageRoot));
  const manifestPath = fileURLToPath(new URL('package.json', packageRoot));
  const [buildEnv, manifestText] = await Promise.all([
    readFile(buildEnvPath, 'utf8'),
    readFile(manifestPath, 'utf8'),
  ]);
  const { version } = JSON.parse(manifestText) as { version?: string };
  if (!version) throw new EngineUnknownError(manifestPath, 'version');
  return formatEngine(version, buildEnv, buildEnvPath);
};
