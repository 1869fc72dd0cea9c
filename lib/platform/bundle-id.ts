/** Identity of the bundles that make a platform. */
import { createHash } from 'node:crypto';
import type { Bundle } from '../store/types.js';
import { parseBundleID, type BundleID } from '../types/ids.js';

/**
 * `b0-` and the SHA-256 of the bundle as compact JSON, with its fields in the order that the
 * bundle has them: what SwingSet stores lockdown and supervisor under.
 */
export const scriptBundleID = (bundle: Bundle): BundleID =>
  parseBundleID(`b0-${createHash('sha256').update(JSON.stringify(bundle)).digest('hex')}`);
