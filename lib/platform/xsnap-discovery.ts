/** Finds the xsnap engine that is installed: its binary, and how it is named on all replicas. */
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { METER_TYPE } from '@agoric/xsnap/api.js';
import { EngineUnknownError, XsnapNotBuiltError, XsnapUnsupportedError } from './errors.js';

const packageRoot = new URL('./', import.meta.resolve('@agoric/xsnap/api.js'));

const binaryFolders: Readonly<Record<string, string>> = { Linux: 'lin', Darwin: 'mac' };

/**
 * Where the worker binary is expected.
 *
 * @param os as `os.type()` says
 * @throws XsnapUnsupportedError when xsnap can't be built there.
 */
export const xsnapBinaryPath = (os: string): string => {
  const folder = binaryFolders[os];
  if (folder === undefined) throw new XsnapUnsupportedError(os);
  const path = `xsnap-native/xsnap/build/bin/${folder}/release/xsnap-worker`;
  return fileURLToPath(new URL(path, packageRoot));
};

/**
 * Checks that a worker binary is there and may be executed.
 *
 * @throws XsnapNotBuiltError which says how to build it.
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

/** The engine's name for a fingerprint, from what its package says of itself. */
export const formatEngine = (version: string, buildEnv: string, path: string): string => {
  const moddable = commitOf(buildEnv, 'MODDABLE_COMMIT_HASH', path);
  const native = commitOf(buildEnv, 'XSNAP_NATIVE_COMMIT_HASH', path);
  return `xsnap ${version} (moddable ${moddable}, xsnap-native ${native}, ${METER_TYPE})`;
};

/**
 * Engine and snapshot format of the installed `@agoric/xsnap`: its version, the commits that its
 * `build.env` pins, and its meter type.
 *
 * @throws EngineUnknownError when the package lacks one of them.
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
