/** Addresses: the names of accounts, made from their keys. */
import { createHash } from 'node:crypto';

const PREFIX = 'swing1';
const HASH_BYTES = 20;
const PATTERN = /^swing1[0-9a-f]{40}$/;

/** `swing1` and the first 20 bytes of the key's SHA-256, in hexadecimal digits. */
export const addressOf = (publicKey: Uint8Array): string => {
  const hash = createHash('sha256').update(publicKey).digest();
  return `${PREFIX}${hash.subarray(0, HASH_BYTES).toString('hex')}`;
};

export const isAddress = (text: string): boolean => PATTERN.test(text);
