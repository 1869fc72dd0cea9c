/**
 * The hashes of the Merkle tree. Leaves and branches start with different bytes, so that neither
 * can pass for the other.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** Children of a branch: one for each value of four bits. */
export const WIDTH = 16;

export const sha256 = (data: string | Uint8Array): Buffer => hash('sha256', data, 'buffer');

/** sha256(0x00 || sha256(key) || sha256(value)) */
export const leafHash = (keyHash: Uint8Array, valueHash: Uint8Array): Buffer => {
  const bytes = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  bytes[0] = 0;
  bytes.set(keyHash, 1);
  bytes.set(valueHash, 1 + HASH_BYTES);
  return sha256(bytes);
};

/**
 * sha256(0x01 || bitmap || hashes of the children), the bitmap as two bytes, high byte first, in
 * which bit n says whether there is a child n.
 */
export const branchHash = (bitmap: number, childHashes: readonly Uint8Array[]): Buffer => {
  const bytes = Buffer.allocUnsafe(3 + childHashes.length * HASH_BYTES);
  bytes[0] = 1;
  bytes.writeUInt16BE(bitmap, 1);
  childHashes.forEach((childHash, index) => bytes.set(childHash, 3 + index * HASH_BYTES));
  return sha256(bytes);
};

/** The four bits of a key's hash that choose the child at `depth`. */
export const nibbleAt = (keyHash: Uint8Array, depth: number): number => {
  const byte = keyHash[depth >> 1]!;
  return depth % 2 === 0 ? byte >> 4 : byte & 15;
};
