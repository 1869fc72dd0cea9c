/** Bundles sources, reads bundles from files, and checks bundles against their hashes. */
import fs from 'node:fs';
import { resolve } from 'node:path';
import { checkBundle } from '@endo/check-bundle';
import { errorText } from '../errors.js';
import { computeBundleID } from '../platform/bundle-id.js';
import type { Bundle } from '../store/types.js';
import type { BundleID } from '../types/ids.js';
import { takeBundle, type BundlingOptions } from '../bundling/bundle-cache.js';
import { withAdvice } from './bundling-advice.js';
import { BadBundleError, MissingSourceError } from './errors.js';
import { findModule } from './resolve-spec.js';
import { findProblems } from './validate.js';

/**
 * Bundles the module at a path and everything that it imports.
 *
 * @param field - The name of the source in errors.
 * @throws MissingSourceError when there is no such file
 * @throws BadBundleError when it does not parse, or something that it imports is missing
 */
export const bundleFile = async (
  givenPath: string,
  field: string,
  options: BundlingOptions = {},
): Promise<Bundle> => {
  // The bundler finds the file of a path without extension by itself.
  const path = resolve(givenPath);
  if (findModule(path) === undefined) throw new MissingSourceError(field, path);
  try {
    return await takeBundle(path, options);
  } catch (error) {
    const reason = withAdvice(errorText(error));
    throw new BadBundleError(field, `${path} can not be bundled: ${reason}`, { cause: error });
  }
};

/** The JSON after `export default`, which caches of the bundler begin with. */
const jsonOf = (text: string): string => {
  const json = text.replace(/^\s*export\s+default\s+/, '');
  return json === text ? text : json.trim().replace(/;$/, '');
};

/**
 * Reads a finished bundle from a file: JSON, or a module of `export default` and JSON. Reads the
 * file each time, and never runs it.
 *
 * @throws MissingSourceError when there is no such file
 * @throws BadBundleError for any other contents
 */
export const readBundleFile = async (path: string, field: string): Promise<Bundle> => {
  if (!fs.existsSync(path)) throw new MissingSourceError(field, path);
  try {
    const text = await fs.promises.readFile(path, 'utf8');
    return JSON.parse(jsonOf(text)) as Bundle;
  } catch (error) {
    const reason = errorText(error);
    const expected = 'JSON, or a module of `export default` and JSON';
    throw new BadBundleError(field, `${path} holds no bundle (${expected}): ${reason}`, {
      cause: error,
    });
  }
};

/**
 * Checks the shape of a foreign bundle, and its contents against its hash.
 *
 * @returns a frozen copy, and its ID
 * @throws BadBundleError
 */
export const checkForeignBundle = async (
  given: unknown,
  field: string,
): Promise<{ readonly bundle: Bundle; readonly bundleID: BundleID }> => {
  const problems = findProblems('bundle', given, field);
  if (problems.length > 0) {
    throw new BadBundleError(field, `not a bundle: ${problems.map(p => p.message).join('; ')}`);
  }
  const bundle = harden({ ...(given as Bundle) });
  if (bundle.moduleFormat === 'endoZipBase64') {
    try {
      await checkBundle(bundle, field);
    } catch (error) {
      const reason = errorText(error);
      throw new BadBundleError(field, `the bundle fails its check: ${reason}`, { cause: error });
    }
  }
  return { bundle, bundleID: computeBundleID(bundle) };
};
