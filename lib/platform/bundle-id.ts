/** Identity of bundles, as SwingSet's bundleStore has it. */
import { createHash } from 'node:crypto';
import type { Bundle } from '../store/types.js';
import { parseBundleID, type BundleID } from '../types/ids.js';

/**
 * `b0-` and the SHA-256 of the bundle as compact JSON, with its fields in the order that the
 * bundle has them: what lockdown and supervisor are stored under.
 */
export const scriptBundleID = (bundle: Bundle): BundleID =>
  parseBundleID(`b0-${createHash('sha256').update(JSON.stringify(bundle)).digest('hex')}`);

/**
 * The ID a bundle is to be stored under: `b1-` and the SHA-512 that an `endoZipBase64` bundle
 * names for its own contents (the bundleStore checks it), for other formats see `scriptBundleID`.
 *
 * @throws BadIdentifierError when an `endoZipBase64` bundle names no hash.
 */
export const computeBundleID = (bundle: Bundle): BundleID =>
  bundle.moduleFormat === 'endoZipBase64'
    ? parseBundleID(`b1-${String(bundle.endoZipBase64Sha512)}`)
    : scriptBundleID(bundle);

/**
 * The ID of any source bundle: `b1-` and the SHA-512 of its compartment map, or for formats
 * without one the same as `scriptBundleID`. Says nothing of whether the contents match.
 */
export const sourceBundleID = (bundle: Bundle): BundleID => {
  const { endoZipBase64Sha512 } = bundle;
  return typeof endoZipBase64Sha512 === 'string'
    ? parseBundleID(`b1-${endoZipBase64Sha512}`)
    : scriptBundleID(bundle);
};
