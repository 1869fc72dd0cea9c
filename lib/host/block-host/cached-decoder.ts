/**
 * Decodes a transaction once. A node meets the same bytes at `check`, in a proposal and in the
 * block, and a signature takes milliseconds to verify.
 *
 * Invariants
 * 1. The answer follows from the bytes, the chain's ID and the size limit. What is kept changes speed
 *    only.
 * 2. What is kept takes bounded memory, whoever sends transactions, and also those that will be
 *    refused.
 */
import { countValues } from '../transactions/count-values.js';
import { decodeTransaction, transactionHash } from '../transactions/transaction.js';
import type { DecodedTransaction } from '../transactions/transaction.js';

export type Decode = (bytes: Uint8Array, chainID: string, maxBytes: number) => DecodedTransaction;

const MAX_KEPT_BYTES = 64_000_000;

/** About what a value takes in memory. An empty list has two bytes. */
const VALUE_BYTES = 100;

/** Larger ones are decoded each time: one of 1 MB can have 350,000 values. */
const MAX_ENTRY_BYTES = MAX_KEPT_BYTES / 16;

/** About what a decoded transaction takes in memory. */
const weightOf = ({ size, actions }: DecodedTransaction): number =>
  size + VALUE_BYTES * countValues(actions);

export const makeCachedDecoder = (): Decode => {
  const kept = new Map<string, DecodedTransaction>();
  let keptBytes = 0;
  return (bytes, chainID, maxBytes) => {
    const key = `${transactionHash(bytes)} ${chainID}`;
    const known = kept.get(key);
    if (known && known.size <= maxBytes) return known;
    const tx = decodeTransaction(bytes, chainID, maxBytes);
    const weight = weightOf(tx);
    if (weight > MAX_ENTRY_BYTES) return tx;
    if (keptBytes + weight > MAX_KEPT_BYTES) {
      kept.clear();
      keptBytes = 0;
    }
    kept.set(key, tx);
    keptBytes += weight;
    return tx;
  };
};
