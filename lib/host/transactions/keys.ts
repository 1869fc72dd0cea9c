/**
 * Keys and signatures: ed25519 in pure JavaScript, so that no replica's verdict depends on its
 * build of Node or OpenSSL.
 */
import { randomBytes } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { BadOptionError } from '../../errors.js';
import { addressOf } from './addresses.js';

export const PUBLIC_KEY_BYTES = 32;
export const SECRET_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

export interface SigningKey {
  readonly address: string;
  readonly publicKey: Uint8Array;
  /** The seed that RFC 8032 calls the private key: 32 bytes. */
  readonly secretKey: Uint8Array;
}

/**
 * A new key.
 * @param secretKey - 32 bytes. Default: random ones.
 */
export const makeKey = (secretKey: Uint8Array = randomBytes(SECRET_KEY_BYTES)): SigningKey => {
  if (secretKey.length !== SECRET_KEY_BYTES) {
    throw new BadOptionError('secretKey', `${secretKey.length} bytes`, `${SECRET_KEY_BYTES} bytes`);
  }
  const copy = Uint8Array.from(secretKey);
  const publicKey = ed25519.getPublicKey(copy);
  return { address: addressOf(publicKey), publicKey, secretKey: copy };
};

export const sign = (message: Uint8Array, { secretKey }: SigningKey): Uint8Array =>
  ed25519.sign(message, secretKey);

/**
 * RFC 8032's check. Refuses encodings of points that are not reduced, a scalar S that is not below
 * the group's order, and keys of small order, so that nobody but the signer can make a second
 * signature for the same message.
 */
export const verify = (
  message: Uint8Array,
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean => ed25519.verify(signature, message, publicKey, { zip215: false });
