/**
 * Remembers good signatures. A node meets a transaction at least four times: when it arrives, again
 * after each block, in a proposal, and in a block. A check takes 1 to 2 ms.
 *
 * Invariant: a verdict is the same with and without this memory. Only good signatures are in it,
 * under a hash of all that the check depends on.
 */
import { createHash } from 'node:crypto';
import { verify } from './keys.js';

/** About 2 MB. */
const MOST = 10_000;

/** In the order of their last use. */
const verified = new Set<string>();

const remember = (name: string): void => {
  verified.delete(name);
  verified.add(name);
  if (verified.size <= MOST) return;
  for (const oldest of verified) {
    verified.delete(oldest);
    return;
  }
};

/** `verify`, at once for a signature that was good before. */
export const verifyOnce = (
  message: Uint8Array,
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean => {
  // The lengths of key and signature are fixed, so the message's bytes are where they seem to be.
  const name = createHash('sha256')
    .update(publicKey)
    .update(signature)
    .update(message)
    .digest('base64');
  const isGood = verified.has(name) || verify(message, publicKey, signature);
  if (isGood) remember(name);
  return isGood;
};
