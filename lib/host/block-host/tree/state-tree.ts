/**
 * The Merkle tree over the state of a chain: a 16-ary trie over sha256(key), persisted in rows of
 * the store that it describes. Opening it reads nothing, and a block costs what it changes.
 *
 * Invariants
 * 1. The root depends on the entries alone, not on the order, batches or history of changes.
 * 2. Rows change in `root()` only, in the store's open transaction. The host calls it before each
 *    commit, so that the committed tree describes the committed state.
 */
import { CHAIN_PREFIX, rowsUnder, type RowReader, type Rows } from '../rows.js';
import { hashOfBranch } from './branch.js';
import { makeBranchRows, TREE_PREFIX } from './branch-rows.js';
import { sha256 } from './hashes.js';
import { applyChanges, type Change } from './update.js';

/** The key in the tree of an entry of the store's export data. */
export const exportEntryKey = (exportKey: string): string => `x.${exportKey}`;

/** The key in the tree of a row under `host.chain.`. @param key - the row's key with the prefix */
export const chainRowKey = (key: string): string => `c.${key.slice(CHAIN_PREFIX.length)}`;

export interface StateTree {
  /** Takes a change, for `root()`. Null deletes the key. A later change of a key replaces it. */
  note(key: string, value: string | null): void;
  /** Writes all changes to the rows. Returns the root: 32 bytes. */
  root(): Uint8Array;
  /** Forgets changes since the last `root()`, and whatever is in memory of rows rolled back. */
  discard(): void;
}

export interface StateTreeOptions {
  /** How many branches to keep in memory (default 4,096), of up to about 4 kB each. */
  readonly cachedBranches?: number;
}

/** Last change of each key. Keys that SQLite stores alike are one key. */
const distinct = (changes: Iterable<[string, string | null]>): Change[] => {
  const byHash = new Map<string, Change>();
  for (const [key, value] of changes) {
    const keyHash = sha256(key);
    const valueHash = value === null ? undefined : sha256(value);
    byHash.set(keyHash.toString('latin1'), { keyHash, valueHash });
  }
  return [...byHash.values()];
};

export const openStateTree = (
  rows: Rows,
  { cachedBranches = 4096 }: StateTreeOptions = {},
): StateTree => {
  const branches = makeBranchRows(rows, cachedBranches);
  const noted = new Map<string, string | null>();
  return {
    note: (key, value) => {
      // Moves the key to the end: of two keys that SQLite stores alike, the last one counts.
      noted.delete(key);
      noted.set(key, value);
    },
    root: () => {
      if (noted.size > 0) {
        applyChanges(branches, distinct(noted));
        noted.clear();
      }
      return hashOfBranch(branches.read(''));
    },
    discard: () => {
      noted.clear();
      branches.forget();
    },
  };
};

/** Bounds the memory of a rebuild, which writes upper branches once per batch. */
const REBUILD_BATCH = 50_000;

/**
 * Replaces the tree in `rows` by one of the given entries, keys as in `note`. Memory does not grow
 * with their number.
 */
export const rebuildStateTree = async (
  rows: Rows,
  entries: AsyncIterable<readonly [key: string, value: string]>,
): Promise<StateTree> => {
  for (const [key] of rowsUnder(rows, TREE_PREFIX)) rows.delete(key);
  const tree = openStateTree(rows);
  let count = 0;
  for await (const [key, value] of entries) {
    tree.note(key, value);
    count += 1;
    if (count % REBUILD_BATCH === 0) tree.root();
  }
  tree.root();
  return tree;
};

/** All entries of the tree of a store: its export data and its rows of the chain. */
export async function* stateEntries(
  exportData: AsyncIterable<readonly [key: string, value: string]>,
  rows: RowReader,
): AsyncIterableIterator<[key: string, value: string]> {
  for await (const [key, value] of exportData) yield [exportEntryKey(key), value];
  for (const [key, value] of rowsUnder(rows, CHAIN_PREFIX)) yield [chainRowKey(key), value];
}
