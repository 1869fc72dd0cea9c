/** Cuts bundles into actions that fit into transactions, and puts them together again. */
import { BadOptionError } from '../../errors.js';
import { computeBundleID } from '../../platform/bundle-id.js';
import type { Bundle } from '../../store/types.js';
import type { InstallBundleAction } from './action-types.js';

/**
 * The transaction has 4/3 as many bytes, and the engine's RPC takes 4/3 as many again: 900,000,
 * which leaves room below its limit of 1,000,000.
 */
export const DEFAULT_CHUNK_BYTES = 500_000;

/**
 * The actions that install a bundle, one for each chunk of its JSON.
 * @param chunkBytes - Bytes of each chunk but the last.
 * @throws BadIdentifierError for a bundle that names no hash
 */
export const actionsForBundle = (
  bundle: Bundle,
  chunkBytes: number = DEFAULT_CHUNK_BYTES,
): readonly InstallBundleAction[] => {
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1) {
    throw new BadOptionError('chunkBytes', chunkBytes, 'a positive integer');
  }
  const whole = Buffer.from(JSON.stringify(bundle));
  const chunks = Math.ceil(whole.length / chunkBytes);
  const bundleID = computeBundleID(bundle);
  return Array.from({ length: chunks }, (_, chunk) => ({
    type: 'installBundle',
    bundleID,
    chunk,
    chunks,
    size: whole.length,
    bytes: whole.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes).toString('base64'),
  }));
};
