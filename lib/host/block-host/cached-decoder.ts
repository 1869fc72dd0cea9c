/**
 * Decodes a transaction once. A node meets the same bytes at `check`, in a proposal and in the
 * block, and a signature takes milliseconds to verify.
 *
 * Invariant: the answer follows from the bytes, the chain's ID and the size limit. What is kept
 * changes speed only.
 */
import { decodeTransaction, transactionHash } from '../transactions/transaction.js';
import type { DecodedTransaction } from '../transactions/transaction.js';

export type Decode = (bytes: Uint8Array, chainID: string, maxBytes: number) => DecodedTransaction;

const MAX_KEPT_BYTES = 64_000_000;

export const makeCachedDecoder = (): Decode => {
  const kept = new Map<string, DecodedTransaction>();
  let keptBytes = 0;
  return (bytes, chainID, maxBytes) => {
    const key = `${transactionHash(bytes)} ${chainID}`;
    const known = kept.get(key);
    if (known && known.size <= maxBytes) return known;
    const tx = decodeTransaction(bytes, chainID, maxBytes);
    if (keptBytes + tx.size > MAX_KEPT_BYTES) {
      kept.clear();
      keptBytes = 0;
    }
    kept.set(key, tx);
    keptBytes += tx.size;
    return tx;
  };
};
