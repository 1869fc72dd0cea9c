/** Bundle IDs, as in SwingSet's bundleStore. */
import { createHash } from 'node:crypto';
import type { Bundle } from '../store/types.js';
import { parseBundleID, type BundleID } from '../types/ids.js';

/**
 * Returns `b0-` and the SHA-256 of the bundle as compact JSON, with its fields in their present
 * order. Lockdown and supervisor are stored under such IDs.
 */
export const scriptBundleID = (bundle: Bundle): BundleID =>
  parseBundleID(`b0-${createHash('sha256').update(JSON.stringify(bundle)).digest('hex')}`);

/**
 * Returns the ID under which a bundle is stored. For `endoZipBase64`, that is `b1-` and the SHA-512
 * that the bundle itself names; the bundleStore verifies it. For other formats, see
 * `scriptBundleID`.
 *
 * @throws BadIdentifierError if an `endoZipBase64` bundle names no hash.
 */
export const computeBundleID = (bundle: Bundle): BundleID =>
  bundle.moduleFormat === 'endoZipBase64'
    ? parseBundleID(`b1-${String(bundle.endoZipBase64Sha512)}`)
    : scriptBundleID(bundle);

/**
 * Returns the ID of any source bundle: `b1-` and the SHA-512 of its compartment map, or the result
 * of `scriptBundleID` for formats without one. Does not verify the contents.
 */
export const sourceBundleID = (bundle: Bundle): BundleID => {
  const { endoZipBase64Sha512 } = bundle;
  return typeof endoZipBase64Sha512 === 'string'
    ? parseBundleID(`b1-${endoZipBase64Sha512}`)
    : scriptBundleID(bundle);
};
