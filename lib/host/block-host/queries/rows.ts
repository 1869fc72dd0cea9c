/** Single rows that clients read, by their keys in the state tree. */
import { isConsensusKey } from '../../../store/kv-store.js';
import { CHAIN_PREFIX, type RowReader } from '../rows.js';
import { isActionID, resultKey } from '../tables/results.js';
import { isStoragePath, storageKey } from '../tables/storage.js';
import { chainRowKey } from '../tree/state-tree.js';
import { readPath } from './path.js';

const CHAIN = 'c.';
const KERNEL = 'x.kv.';

/** The keys, in words. */
export const ROW_KEYS = `${CHAIN}<row of the chain> or ${KERNEL}<row of the kernel>`;

export const isRowKey = (key: string): boolean => key.startsWith(CHAIN) || key.startsWith(KERNEL);

/** @param key - see `isRowKey`. Undefined for a row that the tree does not have. */
export const readRow = (rows: RowReader, key: string): string | undefined => {
  if (key.startsWith(CHAIN)) return rows.get(CHAIN_PREFIX + key.slice(CHAIN.length));
  const row = key.slice(KERNEL.length);
  return isConsensusKey(row) ? rows.get(row) : undefined;
};

/**
 * The key in the state tree of the row that a query's path names: `/row/<key>`, `/storage/<path>`
 * or `/result/<action>`. Undefined for other paths, which have no proofs.
 */
export const rowKeyOf = (path: string): string | undefined => {
  const read = readPath(path);
  if (read.kind === 'bad' || Object.keys(read.page).length > 0) return undefined;
  const { name, rest } = read;
  switch (name) {
    case 'row':
      return isRowKey(rest) ? rest : undefined;
    case 'storage':
      return isStoragePath(rest) ? chainRowKey(storageKey(rest)) : undefined;
    case 'result':
      return isActionID(rest) ? chainRowKey(resultKey(rest)) : undefined;
    default:
      return undefined;
  }
};
