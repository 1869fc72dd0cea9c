/**
 * Proofs of rows as clients get them: two steps, from the row to the root of the state tree, and
 * from the root to the app hash. `docs/chain.md` defines their bytes.
 */
import { fromHex, toHex } from '../../transactions/hex.js';
import { BadProofError } from '../errors.js';
import type { ProofOp } from '../types.js';
import { appHashOf } from './app-hash.js';
import { HASH_BYTES, nibbleAt, sha256, WIDTH } from './hashes.js';
import { countOf, rootOfProof, type ProofBranch, type StateProof } from './proof.js';

const TREE_STEP = 'swingset:tree';
const APP_STEP = 'swingset:app';

/** What is at the end of the key's way. */
const NOTHING = 0;
const OWN_LEAF = 1;
const OTHER_LEAF = 2;

const nothing = new Uint8Array();

const encodeTree = (key: string, { branches, leaf }: StateProof): Buffer => {
  const head = Buffer.from([branches.length]);
  const way = branches.flatMap(({ bitmap, beside }) => {
    const bits = Buffer.allocUnsafe(WIDTH / 8);
    bits.writeUInt16BE(bitmap);
    return [bits, ...beside.map(fromHex)];
  });
  const isOwn = leaf?.keyHash === toHex(sha256(key));
  const other = leaf && !isOwn ? [fromHex(leaf.keyHash), fromHex(leaf.valueHash)] : [];
  const end = Buffer.from([leaf ? (isOwn ? OWN_LEAF : OTHER_LEAF) : NOTHING]);
  return Buffer.concat([head, ...way, end, ...other]);
};

/** @param activityhash - hexadecimal; empty before the first crank */
export const encodeProof = (
  key: string,
  proof: StateProof,
  activityhash: string,
): readonly ProofOp[] => [
  {
    type: TREE_STEP,
    key: Uint8Array.from(Buffer.from(key)),
    data: Uint8Array.from(encodeTree(key, proof)),
  },
  { type: APP_STEP, key: nothing, data: fromHex(activityhash) },
];

/** @returns undefined for bytes that are no proof */
const decodeTree = (
  bytes: Uint8Array,
  keyHash: Buffer,
  value: Uint8Array,
): StateProof | undefined => {
  const data = Buffer.from(bytes);
  let offset = 0;
  const take = (length: number): Buffer => {
    offset += length;
    return data.subarray(offset - length, offset);
  };
  const takeHash = (): string => toHex(take(HASH_BYTES));
  const takeBranch = (depth: number): ProofBranch => {
    const bitmap = data.readUInt16BE(offset);
    offset += WIDTH / 8;
    const others = bitmap & ~(1 << nibbleAt(keyHash, depth));
    return { bitmap, beside: Array.from({ length: countOf(others) }, takeHash) };
  };
  const takeLeaf = (): StateProof['leaf'] | undefined => {
    switch (data.readUInt8(offset++)) {
      case NOTHING:
        return null;
      case OWN_LEAF:
        return { keyHash: toHex(keyHash), valueHash: toHex(sha256(value)) };
      case OTHER_LEAF:
        return { keyHash: takeHash(), valueHash: takeHash() };
      default:
        return undefined;
    }
  };
  try {
    const count = data.readUInt8(offset++);
    if (count > 2 * HASH_BYTES) return undefined;
    const branches = Array.from({ length: count }, (_none, depth) => takeBranch(depth));
    const leaf = takeLeaf();
    return leaf !== undefined && offset === data.length ? { branches, leaf } : undefined;
  } catch (error) {
    // The bytes end too early.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** The answer to a query with `prove`. */
export interface ProvenRow {
  /** What the client asked for, by its own reckoning: `rowKeyOf(path)`. */
  readonly key: string;
  readonly value: Uint8Array;
  /** `proofOps.ops` of the engine's RPC. */
  readonly proofOps: readonly ProofOp[];
}

/**
 * The row that a proof shows, or null if it shows that there is no such row.
 *
 * @param appHash - 32 bytes of a header that the client trusts, the one after the answer's height
 * @throws BadProofError for a proof that shows neither in the state with this app hash
 */
export const verifyRowProof = (
  appHash: Uint8Array,
  { key, value, proofOps }: ProvenRow,
): Uint8Array | null => {
  const [tree, app, ...others] = proofOps;
  if (tree?.type !== TREE_STEP || app?.type !== APP_STEP || others.length > 0) {
    const types = proofOps.map(({ type }) => type).join(', ') || 'none';
    throw new BadProofError(key, `must have the steps ${TREE_STEP} and ${APP_STEP}, not ${types}`);
  }
  if (Buffer.compare(tree.key, Buffer.from(key)) !== 0 || app.key.length > 0) {
    throw new BadProofError(key, 'is of another key');
  }
  const keyHash = sha256(key);
  const proof = decodeTree(tree.data, keyHash, value);
  if (!proof || ![0, HASH_BYTES].includes(app.data.length)) {
    throw new BadProofError(key, 'has bytes that are no proof');
  }
  const isPresent = proof.leaf?.keyHash === toHex(keyHash);
  if (!isPresent && value.length > 0) {
    throw new BadProofError(key, `shows no row, but comes with ${value.length} bytes of one`);
  }
  const row = isPresent ? value : null;
  const root = rootOfProof(key, row, proof);
  if (!root || !appHashOf(toHex(app.data), root).equals(appHash)) {
    throw new BadProofError(key, `does not lead to the app hash ${toHex(appHash)}`);
  }
  return row;
};
