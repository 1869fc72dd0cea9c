/**
 * Proofs of one key for clients that trust an app hash: the value that the key has, or that it has
 * none. A proof is the way from the root to where the key is or would be, with the hashes beside
 * the way.
 */
import { toHex } from '../../transactions/hex.js';
import type { RowReader } from '../rows.js';
import { bitmapOf, type Child } from './branch.js';
import { readBranch } from './branch-rows.js';
import { branchHash, HASH_BYTES, leafHash, nibbleAt, sha256, WIDTH } from './hashes.js';

export interface ProofBranch {
  /** Bit n says whether there is a child n. */
  readonly bitmap: number;
  /** Hashes of the children beside the way, in order, in hexadecimal. */
  readonly beside: readonly string[];
}

/** Plain data, for JSON. */
export interface StateProof {
  /** The root first. */
  readonly branches: readonly ProofBranch[];
  /**
   * The leaf at the end of the way: the key's, or another one, which shows that the key has no
   * value. Null if nothing is there. Hashes in hexadecimal.
   */
  readonly leaf: { readonly keyHash: string; readonly valueHash: string } | null;
}

/**
 * A proof of the value of `key`, or of its absence.
 * @param rows - as of a `root()` of the tree
 */
export const prove = (rows: Pick<RowReader, 'get'>, key: string): StateProof => {
  const keyHash = sha256(key);
  const branches: ProofBranch[] = [];
  let path = '';
  for (;;) {
    const children = readBranch(rows, path);
    const nibble = nibbleAt(keyHash, path.length);
    const beside = children.flatMap((child: Child | undefined, index) =>
      child && index !== nibble ? [toHex(child.hash)] : [],
    );
    branches.push({ bitmap: bitmapOf(children), beside });
    const child = children[nibble];
    if (child?.kind !== 'branch') {
      const leaf = child && { keyHash: toHex(child.keyHash), valueHash: toHex(child.valueHash) };
      return { branches, leaf: leaf ?? null };
    }
    path += nibble.toString(16);
  }
};

const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** How many children a bitmap has. */
export const countOf = (bitmap: number): number => bitmap.toString(2).replaceAll('0', '').length;

/** Checks the form of a proof, which comes from anybody. */
const isProof = (proof: StateProof): boolean => {
  const { branches, leaf } = proof;
  if (!Array.isArray(branches) || branches.length === 0) return false;
  if (branches.length > 2 * HASH_BYTES) return false;
  if (leaf !== null && !(isHash(leaf.keyHash) && isHash(leaf.valueHash))) return false;
  return (branches as readonly ProofBranch[]).every(
    ({ bitmap, beside }) =>
      Number.isInteger(bitmap) && bitmap >= 0 && bitmap < 2 ** WIDTH && beside.every(isHash),
  );
};

/** The hash of a branch of the way. Undefined if its hashes don't fit its bitmap. */
const hashOnWay = (
  { bitmap, beside }: ProofBranch,
  nibble: number,
  onWay: Uint8Array | undefined,
): Buffer | undefined => {
  const bit = 1 << nibble;
  if ((onWay !== undefined) !== ((bitmap & bit) !== 0)) return undefined;
  const index = countOf(bitmap & (bit - 1));
  const hashes = beside.map(text => Buffer.from(text, 'hex') as Uint8Array);
  if (onWay) hashes.splice(index, 0, onWay);
  return hashes.length === countOf(bitmap) ? branchHash(bitmap, hashes) : undefined;
};

/** Whether the leaf says of the key what the proof is to show. */
const leafShows = (
  leaf: StateProof['leaf'],
  keyHash: Buffer,
  value: RowValue | null,
  depth: number,
): boolean => {
  if (value !== null) {
    return leaf?.keyHash === toHex(keyHash) && leaf.valueHash === toHex(sha256(value));
  }
  if (leaf === null) return true;
  // Another leaf shows absence only if it stands in the key's way.
  const way = toHex(keyHash).slice(0, depth);
  return leaf.keyHash !== toHex(keyHash) && leaf.keyHash.startsWith(way);
};

/** A row's text, or the bytes of it. */
type RowValue = string | Uint8Array;

/**
 * The root of the tree in which `proof` shows that `key` has `value` (null: has none). Undefined if
 * it shows that of no tree. Never throws for a malformed proof.
 */
export const rootOfProof = (
  key: string,
  value: RowValue | null,
  proof: StateProof,
): Buffer | undefined => {
  try {
    if (!isProof(proof)) return undefined;
  } catch {
    return undefined;
  }
  const { branches, leaf } = proof;
  const keyHash = sha256(key);
  if (!leafShows(leaf, keyHash, value, branches.length)) return undefined;
  let onWay: Uint8Array | undefined =
    leaf === null
      ? undefined
      : leafHash(Buffer.from(leaf.keyHash, 'hex'), Buffer.from(leaf.valueHash, 'hex'));
  for (const [depth, branch] of [...branches.entries()].reverse()) {
    onWay = hashOnWay(branch, nibbleAt(keyHash, depth), onWay);
    if (onWay === undefined) return undefined;
  }
  return onWay && Buffer.from(onWay);
};

/** Whether `proof` shows that `key` has `value` (null: has none) in the tree with this root. */
export const verifyProof = (
  root: Uint8Array,
  key: string,
  value: RowValue | null,
  proof: StateProof,
): boolean => rootOfProof(key, value, proof)?.equals(root) ?? false;
