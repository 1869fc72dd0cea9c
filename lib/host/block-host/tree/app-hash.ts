/** What a chain's validators sign of its application: one hash that binds everything. */
import { BadOptionError } from '../../../errors.js';
import { HASH_BYTES, sha256 } from './hashes.js';

const LABEL = 'swingset-kernel app hash 1';

/**
 * sha256(label || activityhash || root)
 *
 * @param activityhash - hexadecimal, from `kernelStorage.getActivityhash()`; empty before the first
 *   crank
 * @param root - of the state tree
 */
export const appHashOf = (activityhash: string, root: Uint8Array): Buffer => {
  if (!/^([0-9a-f]{64})?$/.test(activityhash)) {
    throw new BadOptionError('activityhash', activityhash, '64 hexadecimal digits, or none');
  }
  if (root.byteLength !== HASH_BYTES) {
    throw new BadOptionError('root', root, `${HASH_BYTES} bytes`);
  }
  return sha256(Buffer.concat([Buffer.from(LABEL), Buffer.from(activityhash, 'hex'), root]));
};
