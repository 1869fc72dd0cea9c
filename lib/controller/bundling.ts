/** Makes bundles of sources, reads bundles from files, and tells what bundle a bundle is. */
import fs from 'node:fs';
import { resolve } from 'node:path';
import { checkBundle } from '@endo/check-bundle';
import { errorText } from '../errors.js';
import { computeBundleID } from '../platform/bundle-id.js';
import type { Bundle } from '../store/types.js';
import type { BundleID } from '../types/ids.js';
import { takeBundle, type BundlingOptions } from './bundle-cache.js';
import { BadBundleError, MissingSourceError } from './errors.js';
import { findProblems } from './validate.js';

/**
 * A bundle of the module at a path and of all that it imports.
 *
 * @param field - what the reader calls the source, for errors
 * @throws MissingSourceError when there is no such file
 * @throws BadBundleError when it does not parse, or what it imports can't be found
 */
export const bundleFile = async (
  givenPath: string,
  field: string,
  options: BundlingOptions = {},
): Promise<Bundle> => {
  const path = resolve(givenPath);
  if (!fs.existsSync(path)) throw new MissingSourceError(field, path);
  try {
    return await takeBundle(path, options);
  } catch (error) {
    const reason = errorText(error);
    throw new BadBundleError(field, `${path} can not be bundled: ${reason}`, { cause: error });
  }
};

/** What follows `export default`: caches of the bundler hold such modules. */
const jsonOf = (text: string): string => {
  const json = text.replace(/^\s*export\s+default\s+/, '');
  return json === text ? text : json.trim().replace(/;$/, '');
};

/**
 * A finished bundle from a file: JSON, or a module that says `export default` and JSON. The file is
 * read each time, and never run.
 *
 * @throws MissingSourceError when there is no such file
 * @throws BadBundleError when its contents are neither
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
 * Checks a foreign bundle: its shape, and that its contents are what its hash says.
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
      throw new BadBundleError(field, `the bundle does not check: ${reason}`, { cause: error });
    }
  }
  return { bundle, bundleID: computeBundleID(bundle) };
};
